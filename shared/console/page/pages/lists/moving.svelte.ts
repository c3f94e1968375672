import { tick } from "svelte";
import type { TicketSummary } from "./lists";
import type { Place } from "./place";

/** How long the keys have to rest before the next tickets are read, in milliseconds. */
const REST_MS = 120;

/**
 * Where the keys are in a list. It is a ticket, not a row: it stays when rows come and go. The
 * focus is on its link, so that screen readers say it.
 */
export class Cursor {
  number = $state<number>();
  /** Whether the next page begins at its first row, because the keys led there. */
  isAtFirst = false;
  #place: Place;
  #rows: () => readonly TicketSummary[];
  #list: () => HTMLElement | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    place: Place,
    rows: () => readonly TicketSummary[],
    list: () => HTMLElement | undefined,
  ) {
    this.#place = place;
    this.#rows = rows;
    this.#list = list;
  }

  get ticket(): TicketSummary | undefined {
    return this.#rows().find((ticket) => ticket.number === this.number);
  }

  /** In which row it is, or -1. */
  get row(): number {
    return this.#rows().findIndex((ticket) => ticket.number === this.number);
  }

  /** Goes to the row in the same place if the ticket and the focus with it have gone. */
  settle(row: number): void {
    const rows = this.#rows();
    if (row < 0 || this.row >= 0 || document.activeElement !== document.body) return;
    const next = rows[Math.min(row, rows.length - 1)];
    if (next) this.#focus(next.number);
  }

  /** Returns the number of the ticket whose row an element is in. */
  numberAt(target: EventTarget | null): number | undefined {
    const row = (target as Element).closest<HTMLElement>("[data-ticket]");
    return row ? Number(row.dataset.ticket) : undefined;
  }

  /** Follows the focus, however it moved. */
  follow(target: EventTarget | null): void {
    const number = this.numberAt(target);
    if (number !== undefined) this.#set(number);
  }

  /** Goes down, or up with -1. Without a place it begins at the first row. */
  move(step: 1 | -1): void {
    const from = this.row;
    const to = this.#rows()[from < 0 ? 0 : from + step];
    if (to) this.#focus(to.number);
  }

  /** Goes to the first row, when the rows are there. */
  begin(): void {
    void tick().then(() => {
      const first = this.#rows()[0];
      if (first) this.#focus(first.number);
    });
  }

  /** Gives the focus back to the list. */
  resume(): void {
    const number = this.ticket?.number ?? this.#rows()[0]?.number;
    if (number !== undefined) this.#link(number)?.focus({ preventScroll: true });
  }

  open(): void {
    if (this.number !== undefined) this.#link(this.number)?.click();
  }

  /** Goes to where the person was, when the rows are there. It takes the focus from nothing. */
  restore(): void {
    const { cursor } = this.#place;
    this.#place.cursor = undefined;
    if (this.isAtFirst) this.begin();
    this.isAtFirst = false;
    if (cursor === undefined || !this.#rows().some((ticket) => ticket.number === cursor)) return;
    this.number = cursor;
    const { activeElement } = document;
    const isFree = activeElement === document.body || activeElement?.matches("h1");
    if (isFree) this.#link(cursor)?.focus({ preventScroll: true });
  }

  #focus(number: number): void {
    this.#set(number);
    const link = this.#link(number);
    link?.focus({ preventScroll: true });
    link?.closest("[data-ticket]")?.scrollIntoView({ block: "nearest" });
  }

  #link(number: number): HTMLElement | null | undefined {
    return this.#list()?.querySelector<HTMLElement>(`[data-ticket="${number}"] .row-link`);
  }

  #set(number: number): void {
    this.number = number;
    clearTimeout(this.#timer);
    // Where this fails, the ticket is read when it is opened.
    this.#timer = setTimeout(() => this.#prefetch().catch(() => {}), REST_MS);
  }

  /** Reads the ticket and the next two, which are likely to be opened. */
  async #prefetch(): Promise<void> {
    const from = this.row;
    if (from < 0) return;
    const { tickets } = await import("../../state/tickets.svelte");
    for (const { number } of this.#rows().slice(from, from + 3)) tickets.prefetch(number);
  }
}
