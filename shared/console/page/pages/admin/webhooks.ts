import { answered, api, type Schemas } from "../../api/client";
import { given, PAGE } from "./query";

export type Webhook = Schemas["Webhook"];
export type Delivery = Schemas["Delivery"];
export type EventType = Schemas["WebhookEventType"];

export const EVENT_TYPES: readonly EventType[] = [
  "opened",
  "assigned",
  "handed_over",
  "released",
  "resolved",
  "reopened",
  "closed",
  "withdrawn",
  "updated",
  "commented",
];

/** How many characters of a URL are shown where there is little room. */
const SHORT = 48;
/** How long to wait before the deliveries are read again, in milliseconds, if one is due soon. */
const SOON_MS = 2_000;
/** The same if the next attempt is later. */
const LATER_MS = 30_000;
/** What counts as soon, in milliseconds. */
const SOON_WITHIN_MS = 60_000;

/** Returns how often to read the deliveries, in milliseconds, or nothing if none is pending. */
export function pollEvery(
  deliveries: readonly Pick<Delivery, "next_attempt_at">[],
  now: number,
): number | undefined {
  const due = deliveries.flatMap(({ next_attempt_at: at }) => (at ? [Date.parse(at)] : []));
  if (due.length === 0) return undefined;
  return Math.min(...due) - now < SOON_WITHIN_MS ? SOON_MS : LATER_MS;
}

/** Returns the type of a delivery's event, or nothing for a test event. */
export function eventOf({ type }: Pick<Delivery, "type">): EventType | undefined {
  return EVENT_TYPES.find((event) => type === `helpdesk.ticket.${event}`);
}

/** Returns a URL as it is shown where there is little room. What it ends with may be secret. */
export function shortUrl(url: string): string {
  const short = url.replace(/^https:\/\//, "").replace(/\/?(\?.*)?$/, "");
  return short.length > SHORT ? `${short.slice(0, SHORT)}…` : short;
}

/** Returns what a webhook is called: what it is for, or else its URL. */
export function nameOf({ description, url }: Pick<Webhook, "description" | "url">): string {
  return description ?? shortUrl(url);
}

/** Reads the webhooks. There are 50 at most, so one page has all of them. */
export async function listWebhooks(): Promise<readonly Webhook[]> {
  const params = { query: { limit: 100 } };
  return (await answered(api.GET("/v1/webhooks", { params }))).data.items;
}

export async function readWebhook(id: string): Promise<Webhook> {
  return (await answered(api.GET("/v1/webhooks/{id}", { params: { path: { id } } }))).data;
}

export async function changeWebhook(id: string, body: Schemas["WebhookPatch"]): Promise<Webhook> {
  const params = { path: { id } };
  return (await answered(api.PATCH("/v1/webhooks/{id}", { params, body }))).data;
}

export async function listDeliveries(id: string, cursor: string): Promise<Schemas["DeliveryPage"]> {
  const params = { path: { id }, query: { limit: PAGE, ...given({ cursor }) } };
  return (await answered(api.GET("/v1/webhooks/{id}/deliveries", { params }))).data;
}
