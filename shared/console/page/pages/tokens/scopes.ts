import type { Schemas } from "../../api/client";

export type Scope = Schemas["Scope"];
type Role = Schemas["Role"];
type Group = "tickets" | "account" | "people" | "system";

const EVERYONE: readonly Role[] = ["user", "technician", "admin"];
const STAFF: readonly Role[] = ["technician", "admin"];

const SCOPES: readonly { group: Group; scope: Scope; roles: readonly Role[] }[] = [
  { group: "tickets", scope: "read_tickets", roles: EVERYONE },
  { group: "tickets", scope: "open_tickets", roles: EVERYONE },
  { group: "tickets", scope: "comment", roles: EVERYONE },
  { group: "tickets", scope: "work", roles: EVERYONE },
  { group: "tickets", scope: "notes", roles: STAFF },
  { group: "account", scope: "inbox", roles: EVERYONE },
  { group: "people", scope: "act_for", roles: EVERYONE },
  { group: "people", scope: "read_users", roles: STAFF },
  { group: "people", scope: "administer", roles: ["admin"] },
  { group: "system", scope: "manage_webhooks", roles: ["admin"] },
  { group: "system", scope: "read_audit", roles: ["admin"] },
];

/** The scopes that are of use to an account, in groups. Only service accounts act for others. */
export function scopesFor(role: Role, isService: boolean): { group: Group; scopes: Scope[] }[] {
  const usable = SCOPES.filter(
    ({ scope, roles }) => roles.includes(role) && (isService || scope !== "act_for"),
  );
  const groups = [...new Set(usable.map(({ group }) => group))];
  return groups.map((group) => ({
    group,
    scopes: usable.filter((row) => row.group === group).map(({ scope }) => scope),
  }));
}
