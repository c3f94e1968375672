import type { Schemas } from "../../../../api/client";

const scopeWords: Record<Schemas["Scope"], string> = {
  read_tickets: "Read tickets",
  open_tickets: "Open tickets",
  comment: "Comment",
  work: "Work on tickets",
  notes: "Notes",
  inbox: "Notifications",
  read_users: "Read accounts",
  administer: "Administer",
  manage_webhooks: "Manage webhooks",
  read_audit: "Read the audit",
  act_for: "Act for people",
};

const scopeHints: Record<Schemas["Scope"], string> = {
  read_tickets: "List and read tickets with their comments, and verify their logs.",
  open_tickets: "",
  comment: "This may reopen a ticket.",
  work: "Edit tickets, take, resolve and close them.",
  notes: "Read and write them.",
  inbox: "Read them, and choose which arrive.",
  read_users: "",
  administer: "Manage people and their tokens, and so all that an admin may do.",
  manage_webhooks: "",
  read_audit: "",
  act_for: "In their name, as far as the role of this account permits.",
};

/** The API tokens of an account. */
export const tokens = {
  title: "API tokens",
  text: "Programs sign in with them. The role of the account limits them too.",
  ofPeople: "People make their own tokens. You can revoke them.",
  none: "No API tokens",
  create: "Create an API token",
  name: "Name",
  nameHint: "Which program uses it.",
  scopes: "What it may be used for",
  expiry: "It is valid",
  expiries: {
    "30": "for 30 days",
    "90": "for 90 days",
    "365": "for a year",
    "": "until it is revoked",
  },
  makeToken: "Create",
  madeTitle: (name: string) => `The token “${name}” is created`,
  once: "Copy it now: it is not shown again.",
  token: "API token",
  created: (at: string) => `created ${at}`,
  expires: (at: string) => `ends ${at}`,
  forever: "does not expire",
  used: (day: string) => `last used ${day}`,
  unused: "never used",
  revoke: "Revoke",
  revokeTitle: (name: string) => `Revoke the API token “${name}”?`,
  revokeText: "Programs that use it are rejected from now on. This cannot be undone.",
  revoked: "The API token is revoked",
  scopeWords,
  scopeHints,
};
