import type { Scope } from "../scopes";

const scopes: Record<Scope, { label: string; hint: string }> = {
  read_tickets: { label: "Read tickets", hint: "List and read tickets, replies and history." },
  open_tickets: { label: "Open tickets", hint: "Open new tickets." },
  comment: { label: "Reply", hint: "Write replies, which may reopen a ticket." },
  work: {
    label: "Work on tickets",
    hint: "Read and edit tickets; take, resolve, reopen and close them as the role permits.",
  },
  notes: { label: "Notes", hint: "Read and write internal notes." },
  inbox: { label: "Inbox", hint: "Read notifications, and choose which ones are sent." },
  act_for: {
    label: "Act for people",
    hint: "Do things in their name, as far as the role of this account permits.",
  },
  read_users: { label: "Read accounts", hint: "Names, addresses and roles." },
  administer: {
    label: "Administer",
    hint: "Invite people, change accounts and roles: everything that an admin may do.",
  },
  manage_webhooks: { label: "Webhooks", hint: "Create, change and delete webhooks." },
  read_audit: { label: "Read the audit", hint: "What was done to accounts and webhooks." },
};

/** The words about API tokens, one's own and those of others. */
export const en = {
  create: "Create a token",
  none: "No API tokens",
  name: "Name",
  nameHint: "Which program uses it, such as “Nightly report”.",
  scopes,
  scopesTitle: "What it may do",
  scopesMissing: "Choose at least one.",
  groups: { tickets: "Tickets", account: "Account", people: "People", system: "Help desk" },
  expiry: "Valid for",
  days: (days: number) => `${days} days`,
  year: "1 year",
  forever: "Until it is revoked",
  button: "Create",
  created: (name: string) => `The token “${name}” was created`,
  secret: "API token",
  once: "Copy it now, and keep it like a password: it is not shown again.",
  createdOn: (day: string) => `Created ${day}`,
  usedOn: (day: string) => `last used ${day}`,
  unused: "never used",
  expiresOn: (day: string) => `expires ${day}`,
  noExpiry: "does not expire",
  revoke: "Revoke",
  revokeLabel: (name: string) => `Revoke ${name}`,
  revokeTitle: (name: string) => `Revoke the token “${name}”?`,
  revokeText: "Programs that use it stop working at once. This cannot be undone.",
  revoked: "The token was revoked.",
};
