/** The words of the pages outside, for those who are not signed in. */
export const en = {
  language: "Language",
  theme: "Theme",
  themes: { system: "System", light: "Light", dark: "Dark" },
  email: "E-mail address",
  password: "Password",
  newPassword: "New password",
  name: "Your name",
  showPassword: "Show",
  hidePassword: "Hide",
  /** What screen readers say, which begins with what is seen. */
  showPasswordLabel: "Show the password",
  hidePasswordLabel: "Hide the password",
  passwordRule: "At least 12 characters. A few words in a row are easy to remember.",
  tooShort: (least: number) => `Use at least ${least} characters.`,
  signIn: {
    title: "Sign in",
    button: "Sign in",
    forgotten: "Forgot your password?",
    noAccount: "No account yet?",
    register: "Create one",
  },
  again: {
    title: "Sign in again",
    text: "Your session has ended. Sign in to continue: what you typed is saved.",
    asBefore: "You were signed in as",
    another: "Sign in as someone else",
    close: "Look at the page first",
    closed: "Your session has ended.",
    open: "Sign in again",
  },
  register: {
    title: "Create an account",
    text: "We will send you a link to choose a password.",
    nameHint: "Others see it on your tickets.",
    button: "Send me the link",
    hasAccount: "Already have an account?",
    signIn: "Sign in",
    to: "We sent an e-mail to",
    mailed:
      "Open the link in it and choose a password to create your account. The link works once, " +
      "within a day.",
    closedTitle: "Registration is closed",
    closed:
      "You need an invitation to this help desk. Ask an admin: the invitation comes by e-mail.",
  },
  forgot: {
    title: "Forgot your password?",
    text:
      "Enter the e-mail address of your account. We will send you a link to choose a new password.",
    button: "Send me the link",
    back: "Back to sign-in",
    to: "If there is an account, we sent an e-mail to",
    mailed: "Open the link in it and choose a new password. It works once, within ten minutes.",
  },
  sent: {
    title: "Check your e-mail",
    none: "No e-mail?",
    spam: "Check your spam folder, too.",
    registered:
      "The e-mail may say that you already have an account. In that case, sign in or choose a " +
      "new password.",
    later: "We send one such e-mail an hour. After that, you can ask again.",
    wrong: "Is the address right? If it is, wait a few minutes: e-mail can be slow.",
    unknown: "We send nothing to an address that has no account.",
    another: "Use another address",
  },
  choose: {
    title: "Choose a password",
    text: "You sign in with it from now on. If you had a password, every device is signed out.",
    button: "Set the password",
    invalidTitle: "This link is no longer valid",
    invalid: "A link works once, and only for a while. Use the one in the latest e-mail.",
    missingTitle: "Open the link in your e-mail",
    missing:
      "For your security, this page does not keep the link. If you reloaded it, open the link in " +
      "the e-mail again.",
    invited: "Were you invited? Ask an admin for a new invitation.",
    newLink: "Send me a new link",
    register: "Register again",
    doneTitle: "Your password is set",
    done: "Now sign in with your e-mail address and your new password.",
  },
};

export type AccountWords = typeof en;
