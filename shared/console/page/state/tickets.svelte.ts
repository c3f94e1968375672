import { answered, api, type Schemas } from "../api/client";
import { slugOf } from "../api/problem";
import { session } from "../api/session.svelte";
import { authorOf, lastSeq, merged, type Item } from "./timeline";

export type Ticket = Schemas["Ticket"];

/** How many entries are read at once. */
const ENTRIES = 30;
/** How many tickets are read at once before they are opened. */
const PREFETCHES = 2;
/** How long a ticket that was read is shown before it is read again, in milliseconds. */
const KEPT_MS = 300_000;
/** How many tickets are kept. */
const KEPT = 60;

/** A ticket as this tab has read it: its fields and the newest part of its timeline, or more. */
export class OpenTicket {
  ticket = $state.raw<Ticket>();
  /** Its timeline, oldest first. */
  items = $state.raw<readonly Item[]>([]);
  /** Where the earlier part of the timeline begins, or null if all of it is here. */
  earlier = $state.raw<string | null>(null);
  /** What others added while the ticket was shown. */
  added = $state.raw<readonly Item[]>([]);
  /** Why it is not shown. */
  failure = $state.raw<unknown>();
  /** When it was last read, by this machine's clock. */
  readAt = 0;

  constructor(readonly number: number) {}

  /** The entity tag of the version that is shown. */
  get etag(): string {
    return `"${this.ticket?.version ?? 0}"`;
  }

  /** The entity tag of the last entry that is shown. Who has read the timeline has seen it. */
  get seen(): string {
    return `"${lastSeq(this.items)}"`;
  }

  /** Reads it for the first time, or once more after a failure. */
  async load(): Promise<void> {
    try {
      const [ticket, page] = await Promise.all([this.#ticket(), this.#page()]);
      this.failure = undefined;
      this.#show(ticket!, page.items, page.next_cursor);
    } catch (failure) {
      this.failure = failure;
    }
  }

  /** Reads what changed. A ticket that did not is answered without its content. */
  async refresh({ whole = false } = {}): Promise<void> {
    if (!this.ticket) return this.load();
    try {
      const ticket = await this.#ticket(whole ? undefined : this.etag);
      const isBehind = lastSeq(this.items) < (ticket ?? this.ticket).version;
      // Notes change no version, and who is not staff has none.
      const items = ticket || isBehind || session.isStaff ? await this.#newest() : [];
      this.#show(ticket ?? this.ticket, items);
    } catch (failure) {
      if (slugOf(failure) === "not-found") this.failure = failure;
      throw failure;
    }
  }

  /** Shows the ticket that a change returned, and what the change added to the timeline. */
  async replace(ticket: Ticket): Promise<void> {
    this.#show(ticket, []);
    await this.refresh().catch(() => {});
  }

  /** Reads the next earlier part of the timeline. */
  async loadEarlier(): Promise<void> {
    if (this.earlier === null) return;
    const page = await this.#page(this.earlier);
    this.items = merged(this.items, page.items);
    this.earlier = page.next_cursor;
  }

  /** Forgets what was new, because the person has seen it. */
  acknowledge(): void {
    this.added = [];
  }

  #show(ticket: Ticket, read: readonly Item[], earlier = this.earlier): void {
    const items = merged(this.items, read);
    if (this.readAt > 0) this.#mark(items);
    this.items = items;
    this.earlier = earlier;
    // Two requests may be answered in the other order. A version never goes back.
    if (ticket.version >= (this.ticket?.version ?? 0)) this.ticket = ticket;
    this.readAt = Date.now();
  }

  #mark(items: readonly Item[]): void {
    const known = new Set(this.items);
    const added = items.filter((item) => !known.has(item) && authorOf(item).id !== session.me?.id);
    if (added.length > 0) this.added = [...this.added, ...added];
  }

  /** Reads the ticket, or nothing if it still has the version. */
  async #ticket(etag?: string): Promise<Ticket | undefined> {
    const header = etag ? { "If-None-Match": etag } : {};
    const params = { path: { number: this.number }, header };
    return (await answered(api.GET("/v1/tickets/{number}", { params }))).data;
  }

  async #page(cursor?: string): Promise<Schemas["TimelinePage"]> {
    const query = { order: "desc" as const, limit: ENTRIES, ...(cursor ? { cursor } : {}) };
    const params = { path: { number: this.number }, query };
    const { data } = await answered(api.GET("/v1/tickets/{number}/timeline", { params }));
    // The client's types lose the member of a change that is always null.
    return data as Schemas["TimelinePage"];
  }

  /** Reads the newest entries, as far back as those that are known. */
  async #newest(): Promise<Item[]> {
    const known = new Set(this.items.map((item) => item.id));
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#page(cursor);
      items.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor && !items.some((item) => known.has(item.id)));
    return items;
  }
}

/** The tickets that this tab has read. Who signs out loads the page anew, which forgets them. */
class Tickets {
  #kept = new Map<number, OpenTicket>();
  #waiting: number[] = [];
  #running = 0;

  /** Returns a ticket, at once if it was read in the last minutes. Otherwise it begins to load. */
  open(number: number): OpenTicket {
    const kept = this.#kept.get(number);
    if (kept && !isOutdated(kept)) return kept;
    this.#waiting = this.#waiting.filter((other) => other !== number);
    const opened = new OpenTicket(number);
    this.#keep(opened);
    void opened.load();
    return opened;
  }

  /** Reads a ticket that is likely to be opened next. */
  prefetch(number: number): void {
    const kept = this.#kept.get(number);
    if ((kept && !isOutdated(kept)) || this.#waiting.includes(number)) return;
    this.#waiting.push(number);
    this.#runNext();
  }

  #runNext(): void {
    if (this.#running >= PREFETCHES) return;
    const number = this.#waiting.shift();
    if (number === undefined) return;
    const opened = new OpenTicket(number);
    this.#running += 1;
    this.#keep(opened);
    void opened.load().finally(() => {
      this.#running -= 1;
      this.#runNext();
    });
  }

  #keep(opened: OpenTicket): void {
    this.#kept.delete(opened.number);
    this.#kept.set(opened.number, opened);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** Says whether a ticket has to be read anew. One that is being read does not. */
function isOutdated({ failure, readAt }: OpenTicket): boolean {
  return failure !== undefined || (readAt > 0 && Date.now() - readAt > KEPT_MS);
}

export const tickets = new Tickets();
