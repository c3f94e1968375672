import type { NotificationType } from "../kinds";

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
    nameHint: "Others see it from now on. What you wrote before keeps the old one.",
    email: "E-mail address",
    emailHint: "You sign in with it, and your e-mails go there. Only an admin can change it.",
    role: "Role",
    roleHint: "It decides what you may do. Only an admin can change it.",
    pending: "Your address is about to change",
    pendingText: (address: string) =>
      `We sent a link to ${address}. Once you open it, that address replaces this one.`,
  },
  password: {
    text: "Changing it signs out every other device. API tokens stay valid.",
    current: "Current password",
    button: "Change the password",
    done: "Your password was changed. Every other device is signed out.",
  },
  devices: {
    text: "A device stays signed in for 30 days. We do not record what kind it is.",
    current: "This device",
    signedInNow: "Signed in now",
    other: "Another device",
    signedIn: "Signed in",
    used: "last used",
    until: (day: string) => `until ${day}`,
    end: "Sign out",
    endLabel: (at: string) => `Sign out the device that signed in ${at}`,
    endOthers: "Sign out all others",
    ended: "The device will be signed out within ten minutes.",
    othersEnded: "All other devices will be signed out within ten minutes.",
    none: "You are not signed in anywhere else.",
  },
  notifications: {
    text:
      "About tickets that you opened or that are assigned to you. You are never notified of what " +
      "you do yourself.",
    event: "What happens to a ticket",
    inbox: "Inbox",
    email: "E-mail",
    byInbox: (type: string) => `${type}: inbox`,
    byEmail: (type: string) => `${type}: e-mail`,
    types,
    newTicket: "New ticket",
    newTicketHint:
      "Opened by anyone. E-mails come only for urgent ones that are still waiting, at most 12 " +
      "an hour.",
    saving: "Saving…",
    failed: (reason: string) => `Not saved. ${reason}`,
  },
  tokens: {
    text: "A program signs in with a token and acts as you, as far as the token permits.",
    noneText: "Create one for each program, so that you can revoke each by itself.",
    reference: "What programs can do",
  },
  appearance: {
    language: "Language",
    languageHint: "For this page and your e-mails.",
    mailsDiffer: (language: string) => `Your e-mails are in ${language}.`,
    sameMails: "Use this language for e-mails",
    languages: { en: "English", "pt-BR": "Portuguese" },
    notSaved: (reason: string) => `The language of your e-mails was not changed. ${reason}`,
    theme: "Theme",
    themeHint: "In this browser. “System” follows your device.",
    shortcuts: "Keyboard shortcuts",
    shortcutsHint: "Single keys, such as R to reply. Switch them off if you use dictation.",
  },
};

export type SettingsWords = typeof en;
