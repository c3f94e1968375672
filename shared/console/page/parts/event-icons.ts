import type { Schemas } from "../api/client";
import type { IconName } from "../ui/icons";

/** The icon of each kind of event, in the inbox and on a ticket. */
export const EVENT_ICONS: Record<Schemas["NotificationEventType"], IconName> = {
  opened: "ticket",
  assigned: "user",
  handed_over: "users",
  released: "queue",
  resolved: "check-circle",
  reopened: "undo",
  closed: "lock",
  withdrawn: "close",
  updated: "edit",
  commented: "reply",
  noted: "note",
  webhook_disabled: "webhook",
};
