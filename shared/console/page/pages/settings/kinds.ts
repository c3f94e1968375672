import type { Schemas } from "../../api/client";

export type Preferences = Schemas["NotificationPreferences"];
export type NotificationType = keyof Schemas["ChannelPreferences"];
/** The scopes of people's tokens. Only service accounts act for others. */
export type Scope = Exclude<Schemas["Scope"], "act_for">;
type Role = Schemas["Role"];

/** The types that a person can be notified of, in the order of a ticket's life. */
export function typesFor(role: Role): NotificationType[] {
  const types: NotificationType[] = ["opened", "assigned", "handed_over", "released", "commented"];
  const staffOnly: NotificationType[] = role === "user" ? [] : ["noted"];
  return [...types, ...staffOnly, "updated", "resolved", "reopened", "closed", "withdrawn"];
}

type Group = "tickets" | "you" | "people" | "system";

const SCOPES: readonly { group: Group; scope: Scope; roles: readonly Role[] }[] = [
  { group: "tickets", scope: "read_tickets", roles: ["user", "technician", "admin"] },
  { group: "tickets", scope: "open_tickets", roles: ["user", "technician", "admin"] },
  { group: "tickets", scope: "comment", roles: ["user", "technician", "admin"] },
  { group: "tickets", scope: "work", roles: ["user", "technician", "admin"] },
  { group: "tickets", scope: "notes", roles: ["technician", "admin"] },
  { group: "you", scope: "inbox", roles: ["user", "technician", "admin"] },
  { group: "people", scope: "read_users", roles: ["technician", "admin"] },
  { group: "people", scope: "administer", roles: ["admin"] },
  { group: "system", scope: "manage_webhooks", roles: ["admin"] },
  { group: "system", scope: "read_audit", roles: ["admin"] },
];

/** The scopes that are of use to a role, in groups. */
export function scopesFor(role: Role): { group: Group; scopes: Scope[] }[] {
  const usable = SCOPES.filter(({ roles }) => roles.includes(role));
  const groups = [...new Set(usable.map(({ group }) => group))];
  return groups.map((group) => ({
    group,
    scopes: usable.filter((row) => row.group === group).map(({ scope }) => scope),
  }));
}
