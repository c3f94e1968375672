import type { Schemas } from "../../../../api/client";

const states = { active: "Active", invited: "Invited", inactive: "Inactive" };

const columns = { name: "Name", email: "E-mail address", role: "Role", state: "State" };

const languages: Record<Schemas["Language"], string> = {
  en: "English",
  "pt-BR": "Portuguese (Brazil)",
};

const aboutRole: Record<Schemas["Role"], string> = {
  user: "Opens tickets and reads their own.",
  technician: "Also sees all tickets, and takes and resolves them.",
  admin: "Also manages people, webhooks and the audit. Takes no tickets.",
};

/** The list of people, and the dialogs that add to it. */
export const people = {
  title: "People",
  subtitle: "Everyone with an account, and the service accounts of programs.",
  invite: "Invite a person",
  createService: "Create a service account",
  role: "Role",
  allRoles: "All roles",
  find: "Find",
  findByEmail: "E-mail address",
  findHint: "The whole address",
  clear: "Clear",
  notAnAddress: "Enter a complete e-mail address, such as ana@example.org.",
  noneTitle: "No accounts found",
  noneWithRole: "No account has this role.",
  noneWithEmail: (email: string) => `No account has the address ${email}.`,
  noneWithBoth: (email: string) => `No account with this role has the address ${email}.`,
  columns,
  states,
  service: "Service account",
  pending: "not verified yet",
  you: "you",
  name: "Name",
  nameOfProgram: "The name that people see, such as “Mail gateway”.",
  email: "E-mail address",
  language: "Language of their e-mails",
  languageHint: "Until they choose another.",
  languages,
  aboutRole,
  serviceText:
    "A program signs in with the API tokens of its service account. It has no address and no " +
    "password.",
  sendInvitation: "Invite",
  create: "Create",
  invited: (name: string) => `${name} was invited`,
  invitedByMail: (email: string) =>
    `We sent a link to ${email}. It works once, within seven days.`,
  handOn: "E-mail is not set up, so send this link to the person yourself, and to no one else.",
  link: "Invitation link",
  expires: (at: string) => `It works once, until ${at}, and is not shown again.`,
  openPerson: "Open their account",
};
