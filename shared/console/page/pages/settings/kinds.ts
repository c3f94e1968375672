import type { Schemas } from "../../api/client";

export type Preferences = Schemas["NotificationPreferences"];
export type NotificationType = keyof Schemas["ChannelPreferences"];
type Role = Schemas["Role"];

/** The types that a person can be notified of, in the order of a ticket's life. */
export function typesFor(role: Role): NotificationType[] {
  const types: NotificationType[] = ["opened", "assigned", "handed_over", "released", "commented"];
  const staffOnly: NotificationType[] = role === "user" ? [] : ["noted"];
  return [...types, ...staffOnly, "updated", "resolved", "reopened", "closed", "withdrawn"];
}
