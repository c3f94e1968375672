import type { Schemas } from "../../../../api/client";

const events: Record<Schemas["WebhookEventType"], string> = {
  opened: "Opened",
  assigned: "Assigned",
  handed_over: "Handed over",
  released: "Released",
  resolved: "Resolved",
  reopened: "Reopened",
  closed: "Closed",
  withdrawn: "Withdrawn",
  updated: "Updated",
  commented: "Commented",
};

const disabledBecause: Record<Schemas["DisabledBecause"], string> = {
  switched_off: "An admin switched it off. Events from this time are not posted later.",
  gone: "Its receiver responded with 410: it wants no more events.",
  failing: "Every attempt failed for five days.",
};

const deliveryStates: Record<Schemas["DeliveryState"], string> = {
  pending: "Pending",
  delivered: "Delivered",
  failed: "Failed",
};

const columns = { url: "URL", events: "Events", state: "State", created: "Created" };

/** The list of webhooks, and the page of one. */
export const webhooks = {
  title: "Webhooks",
  subtitle: "Post ticket events to other programs.",
  create: "Create a webhook",
  noneTitle: "No webhooks yet",
  noneText: "A webhook tells another program what happens to tickets, as it happens.",
  columns,
  on: "On",
  off: "Off",
  failing: "Failing",
  allEvents: "All events",
  eventCount: (count: number) => (count === 1 ? "1 event type" : `${count} event types`),
  eventWords: events,
  url: "URL",
  urlHint: "It starts with https:// and is on the public internet.",
  description: "Description",
  descriptionHint: "What the webhook is for.",
  which: "Events to post",
  onlyThese: "Only these",
  chooseEvents: "Choose at least one event, or all.",
  makeWebhook: "Create",
  madeTitle: "The webhook was created",
  secretOnce: "Deliveries are signed with this secret. Copy it now: it is not shown again.",
  secret: "Secret",
  openWebhook: "Open the webhook",
  posts: "Post events",
  isOff: "This webhook is switched off",
  disabledBecause,
  isFailing: "Deliveries are failing",
  failingSince: (at: string) =>
    `Every attempt has failed since ${at}. After five days the webhook is switched off.`,
  switchedOn: "The webhook is on",
  switchedOff: "The webhook is off",
  more: "More actions",
  edit: "Edit",
  editTitle: "Edit the webhook",
  saved: "The webhook was changed",
  rotate: "Replace the secret",
  rotateTitle: (url: string) => `Replace the secret of ${url}?`,
  rotateText:
    "The current secret also signs for one more day, so that the receiver can adopt the new one.",
  rotated: "The secret was replaced",
  rotatedText:
    "Give it to the receiver within a day. Copy it now: it is not shown again.",
  remove: "Delete",
  removeTitle: (url: string) => `Delete the webhook ${url}?`,
  removeText:
    "Nothing more is posted to it, not even what is pending. Its deliveries are no longer shown.",
  removed: "The webhook was deleted",
  ping: "Send a test",
  pinged: "The test event is on its way",
  pingOff: "The webhook is off. Switch it on to send a test.",
  created: "Created",
  changed: "Last changed",
  deliveries: "Deliveries",
  deliveriesText: "Newest first. They are kept for 30 days.",
  noDeliveries: "No deliveries yet",
  noDeliveriesText: "Send a test event to see whether the receiver gets it.",
  deliveryStates,
  testEvent: "Test event",
  attempts: (count: number) => (count === 1 ? "1 attempt" : `${count} attempts`),
  noAttempts: "Not attempted yet",
  lastAttempts: "The last 12 attempts are shown.",
  nextAttempt: (when: string) => `next attempt ${when}`,
  now: "now",
  status: (status: number) => `Status ${status}`,
  noResponse: "No response",
  eventId: "Event",
  replay: "Post again",
  replayed: "The event is being posted again",
};
