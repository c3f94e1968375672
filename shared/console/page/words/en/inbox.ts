import type { Schemas } from "../../api/client";

type EventType = Schemas["NotificationEventType"];
type Reason = Schemas["Reason"];

/** What a notification says, by its type. */
const sentences: Record<EventType, string> = {
  opened: "{who} opened {what}",
  assigned: "{who} assigned {what} to you",
  handed_over: "{who} handed {what} over to you",
  released: "{who} put {what} back into the queue",
  resolved: "{who} resolved {what}",
  reopened: "{who} reopened {what}",
  closed: "{who} closed {what}",
  withdrawn: "{who} withdrew {what}",
  updated: "{who} edited {what}",
  commented: "{who} commented on {what}",
  noted: "{who} left a note on {what}",
  webhook_disabled: "The webhook to {what} was switched off because it kept failing",
};

/** What it says instead to those who get it for another reason. */
const special: Partial<Record<`${EventType}/${Reason}`, string>> = {
  "opened/requester": "{who} opened {what} for you",
  "assigned/requester": "A technician now works on {what}",
  "handed_over/released": "{who} handed {what} over to another technician",
  "handed_over/requester": "Another technician now works on {what}",
  "released/requester": "{what} is back in the queue",
};

const reasons: Record<Reason, string> = {
  assigned: "Assigned to you",
  released: "No longer yours",
  assignee: "Assigned to you",
  requester: "Your ticket",
  new_ticket: "New ticket",
  admin: "For admins",
};

/** The words of the inbox and of what arrives there. */
export const inbox = {
  sentences,
  special,
  reasons,
  helpDesk: "The help desk",
  arrived: (count: number) => (count === 1 ? "1 new notification" : `${count} new notifications`),
  unread: (count: string) => `${count} unread`,
  isUnread: "Unread",
  filter: "Filter notifications",
  all: "All",
  onlyUnread: "Unread",
  markRead: "Mark as read",
  markAllRead: "Mark all as read",
  allRead: "Everything is marked as read.",
  show: (count: number) => (count === 1 ? "Show 1 new" : `Show ${count} new`),
  empty: "Nothing has happened yet",
  emptyText: "News about tickets that concern you appears here.",
  emptyUnread: "You are all caught up",
  emptyUnreadText: "New notifications appear here.",
  showAll: "Show all notifications",
};
