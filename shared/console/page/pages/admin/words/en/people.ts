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
  notAnAddress: "This is not a whole e-mail address, such as ana@example.org.",
  noneTitle: "No one here",
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
  language: "Language of the mails",
  languageHint: "Until they choose one themselves.",
  languages,
  aboutRole,
  serviceText:
    "A program signs in with the API tokens of its service account. It has no address and no " +
    "password.",
  sendInvitation: "Invite",
  create: "Create",
  invited: (name: string) => `${name} is invited`,
  invitedByMail: (email: string) =>
    `A mail with a link went to ${email}. The link is good for seven days, and once.`,
  handOn: "No mail is set up, so hand this link on yourself, to this person alone.",
  link: "Link of the invitation",
  expires: (at: string) => `It is good until ${at}, and once. It is not shown again.`,
  openPerson: "Open their page",
};
