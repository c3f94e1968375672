import type { NotificationType, Scope } from "../kinds";

const scopes: Record<Scope, { label: string; hint: string }> = {
  read_tickets: { label: "Read tickets", hint: "List and read tickets, replies and history." },
  open_tickets: { label: "Open tickets", hint: "Open new tickets." },
  comment: { label: "Reply", hint: "Write replies, which may reopen a ticket." },
  work: {
    label: "Work on tickets",
    hint: "Read and edit them, and do what you may do: take, resolve, reopen, close …",
  },
  notes: { label: "Notes", hint: "Read and write internal notes." },
  inbox: { label: "Inbox", hint: "Notifications and what you are notified of." },
  read_users: { label: "Read accounts", hint: "Names, addresses and roles." },
  administer: {
    label: "Administer",
    hint: "Invite people, change accounts and roles: so, all that an admin may do.",
  },
  manage_webhooks: { label: "Webhooks", hint: "Create, change and delete webhooks." },
  read_audit: { label: "Read the audit", hint: "What was done to accounts and webhooks." },
};

const types: Record<NotificationType, string> = {
  opened: "Opened for you",
  assigned: "Assigned",
  handed_over: "Handed over",
  released: "Back in the queue",
  commented: "Reply",
  noted: "Internal note",
  updated: "Edited",
  resolved: "Resolved",
  reopened: "Reopened",
  closed: "Closed",
  withdrawn: "Withdrawn",
};

/** The words of the settings. */
export const en = {
  title: "Settings",
  sections: {
    profile: "Profile",
    password: "Password",
    devices: "Devices",
    notifications: "Notifications",
    tokens: "API tokens",
    appearance: "Appearance",
  },
  profile: {
    name: "Name",
    nameHint: "Others see it from now on. What you wrote before keeps the former one.",
    email: "E-mail address",
    emailHint: "You sign in with it and are mailed there. Only an admin can change it.",
    role: "Role",
    roleHint: "It decides what you may do. Only an admin can change it.",
    pending: "You are to have another address",
    pendingText: (address: string) =>
      `We mailed a link to ${address}. Once you open it, that address replaces this one.`,
  },
  password: {
    text: "Every other device is signed out. API tokens stay valid.",
    current: "Current password",
    button: "Change the password",
    done: "Your password is changed. Every other device is signed out.",
  },
  devices: {
    text: "A device stays signed in for 30 days. Which kind it is, is not recorded.",
    current: "This device",
    signedInNow: "Signed in now",
    other: "Another device",
    signedIn: "Signed in",
    used: "last used",
    until: (day: string) => `until ${day}`,
    end: "Sign out",
    endLabel: (at: string) => `Sign out the device that signed in ${at}`,
    endOthers: "Sign out all others",
    ended: "The device is signed out, within ten minutes at most.",
    othersEnded: "All other devices are signed out, within ten minutes at most.",
    none: "You are signed in nowhere else.",
  },
  notifications: {
    text:
      "For tickets that you opened or that are assigned to you. You are never notified of what " +
      "you do yourself.",
    event: "What happens to a ticket",
    inbox: "Inbox",
    email: "E-mail",
    byInbox: (type: string) => `${type}: inbox`,
    byEmail: (type: string) => `${type}: e-mail`,
    types,
    newTicket: "New ticket",
    newTicketHint:
      "Opened by anyone. You are mailed only about urgent ones that still wait, at most 12 an " +
      "hour.",
    saving: "Saving …",
    failed: (reason: string) => `Not saved. ${reason}`,
  },
  tokens: {
    text: "A program signs in with a token and acts as you, as far as the token permits.",
    reference: "What programs can do",
    create: "Create a token",
    none: "No API tokens",
    noneText: "Create one for each program, so that you can revoke each by itself.",
    createdOn: (day: string) => `Created ${day}`,
    usedOn: (day: string) => `last used ${day}`,
    unused: "never used",
    expiresOn: (day: string) => `expires ${day}`,
    noExpiry: "does not expire",
    revoke: "Revoke",
    revokeLabel: (name: string) => `Revoke ${name}`,
    revokeTitle: "Revoke this token?",
    revokeText: "Programs that use it stop working at once. This cannot be undone.",
    revoked: "The token is revoked.",
    name: "Name",
    nameHint: "Which program uses it, such as “Nightly report”.",
    scopes,
    scopesTitle: "What it may do",
    scopesMissing: "Choose at least one.",
    groups: { tickets: "Tickets", you: "You", people: "People", system: "Help desk" },
    expiry: "Valid for",
    days: (days: number) => (days === 1 ? "1 day" : `${days} days`),
    year: "1 year",
    forever: "Until it is revoked",
    maybe: "If no answer came, the token may exist: look at the list before you try again.",
    createdTitle: "Copy the token now",
    createdText:
      "It is shown only here and only this once. Who has it can act as you: keep it as you keep " +
      "a password.",
    secret: "API token",
    copy: "Copy the token",
    copied: "Copied",
    copyFailed: "Not copied. Select the text and copy it yourself.",
    stored: "I have stored it",
  },
  appearance: {
    language: "Language",
    languageHint: "Of this page and of your mails.",
    mailsDiffer: (language: string) => `Your mails come in ${language}.`,
    sameMails: "Use this language for mails",
    languages: { en: "English", "pt-BR": "Portuguese" },
    notSaved: (reason: string) => `Your mails keep their language. ${reason}`,
    theme: "Theme",
    themeHint: "In this browser. “System” follows your device.",
    shortcuts: "Keyboard shortcuts",
    shortcutsHint: "Single keys, such as R to reply. Switch them off if you dictate.",
  },
};

export type SettingsWords = typeof en;
