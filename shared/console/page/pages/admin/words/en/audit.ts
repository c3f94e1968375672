/**
 * What the audit says, by type. `{actor}` and `{subject}` become links, the others words. A type
 * with `_self` is what it says if the actor did it to their own account.
 */
const sentences: Record<string, string> = {
  registered: "{subject} registered.",
  admin_created: "An operator created the admin account of {subject}.",
  invited: "{actor} invited {subject} as {role}.",
  invitation_accepted: "{subject} accepted the invitation and chose a password.",
  invitation_withdrawn: "{actor} withdrew the invitation of {subject}.",
  profile_changed: "{actor} changed {fields} of {subject}.",
  profile_changed_self: "{actor} changed {fields} of their own account.",
  email_change_requested: "{actor} gave {subject} a new e-mail address, which has to be verified.",
  email_change_cancelled: "{actor} cancelled the change of the e-mail address of {subject}.",
  role_changed: "{actor} changed the role of {subject} from {from} to {to}.",
  deactivated: "{actor} deactivated {subject}.",
  reactivated: "{actor} activated {subject} again.",
  password_changed: "{subject} changed their password.",
  password_reset: "{subject} chose a new password with a mailed link.",
  signed_in: "{subject} signed in.",
  session_ended: "{subject} signed out one of their devices.",
  refresh_token_reused:
    "The help desk signed out a device of {subject} because a copy of its session was used.",
  token_created: "{actor} created the API token {token} for {subject}, with: {scopes}.",
  token_created_self: "{actor} created their own API token {token}, with: {scopes}.",
  token_revoked: "{actor} revoked the API token {token} of {subject}.",
  token_revoked_self: "{actor} revoked their own API token {token}.",
  service_account_created: "{actor} created the service account {subject} as {role}.",
  webhook_created: "{actor} created the webhook {subject}.",
  webhook_updated: "{actor} changed {fields} of the webhook {subject}.",
  webhook_deleted: "{actor} deleted the webhook {subject}.",
  webhook_secret_rotated: "{actor} replaced the secret of the webhook {subject}.",
};

const fields: Record<string, string> = {
  name: "the name",
  email: "the e-mail address",
  url: "the URL",
  events: "the events",
  description: "the description",
  enabled: "the state",
};

const roles: Record<string, string> = {
  user: "user",
  technician: "technician",
  admin: "admin",
};

export const audit = {
  title: "Audit",
  subtitle: "Who did what to accounts and webhooks. Entries are never removed.",
  none: "No entries",
  noneText: "Changes to accounts and webhooks appear here.",
  nothingHere: "No entries in these months. There may be earlier ones.",
  sentences,
  /** What it says about a type of a later version. */
  unknown: "{actor} did “{type}” to {subject}.",
  fields,
  roles,
  by: "by the API token",
};
