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
    text: "Your session has ended. What you typed is kept: sign in, and go on where you were.",
    asBefore: "You were signed in as",
    another: "Sign in as another person",
    close: "Look at the page first",
    closed: "Your session has ended.",
    open: "Sign in again",
  },
  register: {
    title: "Create an account",
    text: "We mail you a link with which you choose a password.",
    nameHint: "Others see it on your tickets.",
    button: "Mail me the link",
    hasAccount: "Have an account already?",
    signIn: "Sign in",
    to: "We have sent a mail to",
    mailed:
      "Open its link and choose a password: that creates your account. It works once, for a day.",
    closedTitle: "Registration is closed",
    closed:
      "In this help desk, admins invite people. Ask one for an invitation: it is mailed to you.",
  },
  forgot: {
    title: "Forgot your password?",
    text:
      "Type the e-mail address of your account. We mail you a link with which you choose " +
      "another.",
    button: "Mail me the link",
    back: "Back to sign-in",
    to: "If there is an account, we have sent a mail to",
    mailed: "Open its link and choose another password. It works once, for ten minutes.",
  },
  sent: {
    title: "Check your mail",
    none: "No mail?",
    spam: "Look into the folder for spam, too.",
    registered:
      "The mail may say that you have an account already. Then sign in, or choose another " +
      "password.",
    later: "We send one such mail an hour. After that, ask again.",
    wrong: "Is the address right? If it is, wait some minutes: mail can be slow.",
    unknown: "Nothing is mailed to an address that has no account.",
    another: "Use another address",
  },
  choose: {
    title: "Choose a password",
    text: "You sign in with it from now on. If you had another, every device is signed out.",
    button: "Set the password",
    invalidTitle: "This link is no longer valid",
    invalid: "A link works once and only for a while. The latest mail has the one that works.",
    missingTitle: "Open the link in your mail",
    missing:
      "For your safety, this page does not keep the link. If you loaded it again, open the link " +
      "in the mail once more.",
    invited: "Were you invited? Ask the admin for another invitation.",
    newLink: "Mail me a new link",
    register: "Register again",
    doneTitle: "Your password is set",
    done: "Now sign in with your e-mail address and the new password.",
  },
};

export type AccountWords = typeof en;
