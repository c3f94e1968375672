import { SvelteSet } from "svelte/reactivity";
import { answered, api, type Schemas } from "../api/client";
import { toast } from "../ui/toasts.svelte";
import { number } from "../words/format";
import { sentenceOf } from "../words/notifications";
import { t } from "../words/words.svelte";
import { poll } from "./poll";
import { router } from "./router.svelte";

export type Notification = Schemas["Notification"];
type Unread = Schemas["UnreadCount"];

/** How often the unread notifications are counted, in milliseconds. */
const EVERY_MS = 30_000;
/** A count that another tab heard of this lately is as good as an own one. */
const FRESH_MS = 10_000;
/** How long a ticket is open until its notifications count as read, in milliseconds. */
const LOOK_MS = 1_000;
/** The most that the API returns at once. */
const MOST = 100;
/** The name of the lock that one tab holds while it counts, and of the channel of all. */
const LOCK = "helpdesk-inbox";
const INBOX = "/app/inbox";

/**
 * The unread notifications of the person. All tabs of a browser count in turn and share the count,
 * so what arrives is shown in one of them.
 */
class Inbox {
  /** How many are unread, at most 99. */
  count = $state(0);
  /** How many arrived since this tab was opened. */
  arrived = $state(0);
  #more = $state(false);
  #read = new SvelteSet<string>();
  #heardAt = -Infinity;
  #tabs = new BroadcastChannel(LOCK);

  constructor() {
    this.#tabs.onmessage = ({ data }: MessageEvent<Unread>) => this.#take(data);
  }

  /** The count as it is shown, or "" if there is none. */
  get shown(): string {
    if (this.count === 0) return "";
    return this.#more ? `${number(this.count)}+` : number(this.count);
  }

  /** Counts now and then while the page is visible. Returns a function that ends this. */
  follow(): () => void {
    this.refresh();
    return poll(() => this.#countInTurn(), EVERY_MS);
  }

  /** Counts now. If that fails, the next poll does it. */
  refresh(): void {
    void navigator.locks.request(LOCK, () => this.#ask()).catch(() => {});
  }

  /** Says whether a notification is read, or was marked as read in this tab. */
  isRead({ id, read_at: readAt }: Notification): boolean {
    return readAt !== null || this.#read.has(id);
  }

  /** Marks notifications as read. They look so at once, unless that fails. */
  async markRead(notifications: readonly Notification[]): Promise<void> {
    const ids = notifications.map(({ id }) => id);
    ids.forEach((id) => this.#read.add(id));
    try {
      await Promise.all(ids.map(markRead));
    } catch (failure) {
      ids.forEach((id) => this.#read.delete(id));
      throw failure;
    }
    this.refresh();
  }

  /** Marks everything as read, also what is not shown. */
  async markAllRead(shown: readonly Notification[]): Promise<void> {
    await answered(api.POST("/v1/notifications/read-all"));
    shown.forEach(({ id }) => this.#read.add(id));
    this.refresh();
  }

  /** Marks what is said about a ticket as read, once it was looked at for a moment. */
  lookAt(ticket: number): () => void {
    const timer = setTimeout(() => void this.#readAbout(ticket).catch(() => {}), LOOK_MS);
    return () => clearTimeout(timer);
  }

  async #countInTurn(): Promise<void> {
    await navigator.locks.request(LOCK, async () => {
      if (Date.now() - this.#heardAt > FRESH_MS) await this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const { data } = await answered(api.GET("/v1/notifications/unread-count"));
    // The other tabs hear it before they may ask, so that they do not show the same again.
    this.#tabs.postMessage(data);
    const arrived = this.#take(data);
    if (arrived > 0) await this.#show(arrived);
  }

  /** Takes over a count. Returns how many more there are than before. */
  #take({ count, more }: Unread): number {
    const grown = this.#heardAt > 0 ? Math.max(0, count - this.count) : 0;
    this.count = count;
    this.#more = more;
    this.arrived += grown;
    this.#heardAt = Date.now();
    return grown;
  }

  /** Says what arrived, except what the person is looking at. */
  async #show(arrived: number): Promise<void> {
    if (router.path === INBOX) return;
    const newest = await unread(arrived);
    const ticket = ticketAt(router.path);
    const others = newest.filter(({ event }) => ticket === undefined || event.ticket !== ticket);
    const seen = newest.filter((notification) => !others.includes(notification));
    if (seen.length > 0) await this.markRead(seen);
    const [first] = others;
    if (others.length === 1) toast({ text: sentenceOf(first!), href: placeOf(first!) });
    if (others.length > 1) toast({ text: t().inbox.arrived(others.length), href: INBOX });
  }

  async #readAbout(ticket: number): Promise<void> {
    const isCounted = this.#heardAt > 0;
    if (isCounted && this.count === 0) return;
    const about = (await unread(MOST)).filter(({ event }) => event.ticket === ticket);
    if (about.length > 0) await this.markRead(about);
  }
}

async function markRead(id: string): Promise<void> {
  await answered(api.POST("/v1/notifications/{id}/read", { params: { path: { id } } }));
}

/** Returns the newest unread notifications. */
async function unread(most: number): Promise<Notification[]> {
  const query = { unread: true, limit: Math.min(most, MOST) };
  const { data } = await answered(api.GET("/v1/notifications", { params: { query } }));
  return data.items;
}

/** Returns the number of the ticket that a path shows, if it shows one. */
export function ticketAt(path: string): number | undefined {
  const [, number] = /^\/app\/tickets\/([1-9]\d*)$/.exec(path) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Returns the address of the page that a notification is about. */
export function placeOf({ event }: Pick<Notification, "event">): string {
  return event.ticket === null ? "/app/webhooks" : `/app/tickets/${event.ticket}`;
}

export const inbox = new Inbox();
