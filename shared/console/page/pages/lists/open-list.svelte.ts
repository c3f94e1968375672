import { onMount, tick, untrack } from "svelte";
import { SignedOut } from "../../api/problem";
import { session, type Person } from "../../api/session.svelte";
import { poll } from "../../state/poll";
import { router } from "../../state/router.svelte";
import { inTab } from "../../state/storage";
import { trail } from "../../state/trail.svelte";
import { toast } from "../../ui/toasts.svelte";
import { language } from "../../words/language.svelte";
import { t } from "../../words/words.svelte";
import { addressOf, filtersOf, requestOf, sortOf, type Sort } from "./filters";
import { Listing } from "./listing.svelte";
import type { List } from "./lists";
import { Cursor } from "./moving.svelte";
import { Pages } from "../../state/pages";
import { placeOf, type Place } from "./place";
import { sorted } from "./sort";

/** How often a list is read again, in milliseconds. */
const EVERY_MS = 15_000;
/** How far down the page still is at its top, in pixels. */
const TOP = 8;

/** The height of the lowest row, in pixels. */
const ROW = 40;

/** A list that is shown: what its address asks for, the API's answer, and where the person is. */
export class OpenList {
  readonly listing: Listing;
  readonly at: Cursor;
  readonly place: Place;
  /** What the rows are in. */
  element = $state<HTMLElement>();
  filters = $derived.by(() => filtersOf(this.list, router.query));
  sort = $derived.by(() => sortOf(this.list, router.query));
  cursor = $derived(router.query.get("cursor") ?? "");
  rows = $derived.by(() => sorted(this.listing.tickets, this.sort, language.value));
  /** The rows that are drawn: of a first answer a screen in each frame, so that no key waits. */
  drawn = $derived.by(() => {
    const most = this.#screens * Math.ceil(innerHeight / ROW);
    return this.listing.isLoading ? this.rows : this.rows.slice(0, most);
  });
  /** How many screens of rows are drawn at most. */
  #screens = $state(Infinity);
  /** The address of the list with these filters, without sort and page. */
  #filtered = $derived.by(() => addressOf(this.list, this.filters));
  /** The address without the sort: the API is asked again when it changes. */
  #asked = $derived.by(() => addressOf(this.list, this.filters, undefined, this.cursor));
  #pages = $derived.by(() => new Pages(`${this.me.id}${this.#filtered}`, inTab));
  #isRestored = true;
  /** Whether this page of the list was opened, and the person has done nothing in it since. */
  #isUntouched = true;

  constructor(
    readonly list: List,
    readonly me: Person,
  ) {
    this.listing = new Listing(me.id);
    this.place = placeOf(me.id, list.name);
    this.at = new Cursor(this.place, () => this.rows, () => this.element);
    // The first rows are there when the page is drawn, if they are at hand.
    $effect.pre(() => {
      void this.#asked;
      untrack(() => this.#open());
    });
    $effect(() => this.#answered());
    $effect(() => this.#followTouch());
    // After the person signed in again, what could not be read is read.
    $effect(() => {
      const wasSignedOut = this.listing.failure instanceof SignedOut;
      if (wasSignedOut && session.state === "signed-in") untrack(() => void this.retry());
    });
    onMount(() => poll(() => this.#refresh(), EVERY_MS));
  }

  get selection() {
    return this.place.selection;
  }

  /** Which page it is, from 1, if the way from the first is known. */
  get pageNumber(): number | undefined {
    return this.#pages.place(this.cursor);
  }

  /** The cursor of the page before, "" for the first, or nothing if it is not known. */
  get pageBefore(): string | undefined {
    return this.#pages.before(this.cursor);
  }

  /** Returns the address of another page of this list. */
  addressAt(cursor: string): string {
    return addressOf(this.list, this.filters, this.sort, cursor);
  }

  /** Returns the address of this page with another sort. */
  addressSorted(sort: Sort | undefined): string {
    return addressOf(this.list, this.filters, sort, this.cursor);
  }

  /** Asks the API again. A failure is shown. */
  async retry(): Promise<void> {
    await this.#refresh().catch(() => {});
  }

  /** Shows what came and went. */
  showNews(): void {
    this.listing.showWaiting();
    scrollTo(0, 0);
    this.at.begin();
  }

  /** Remembers the list for the ticket that is opened from it by a click or a key. */
  leave(event: MouseEvent): void {
    const number = this.at.numberAt(event.target);
    if (number === undefined || !(event.target as Element).closest("a")) return;
    this.place.cursor = number;
    const numbers = this.rows.map((ticket) => ticket.number);
    trail.set(numbers, this.addressAt(this.cursor));
  }

  async #refresh(): Promise<void> {
    let row = -1;
    await this.listing.refresh(() => {
      row = this.at.row;
      return this.#isCalm();
    });
    this.#isUntouched = false;
    await tick();
    this.at.settle(row);
  }

  #followTouch(): () => void {
    const ended = new AbortController();
    const touch = () => (this.#isUntouched = false);
    for (const event of ["keydown", "pointerdown", "wheel"]) {
      addEventListener(event, touch, { signal: ended.signal, passive: true });
    }
    return () => ended.abort();
  }

  /** Shows another page of the list, or other filters. */
  #open(): void {
    const { place, selection } = this;
    const areOther = place.filters !== undefined && place.filters !== this.#filtered;
    if (areOther && selection.size > 0) {
      toast({ text: t().lists.selectionCleared(selection.size) });
      selection.clear();
    }
    place.filters = this.#filtered;
    this.#isRestored = false;
    this.#isUntouched = true;
    if (this.at.isAtFirst) scrollTo(0, 0);
    this.listing.open(requestOf(this.list, this.filters, this.cursor));
    this.#screens = this.listing.isLoading ? 1 : Infinity;
    void this.retry();
  }

  #answered(): void {
    const { tickets, isLoading, page } = this.listing;
    this.selection.refresh(tickets);
    if (isLoading) return;
    if (page.next_cursor) this.#pages.remember(this.cursor, page.next_cursor);
    if (this.#isRestored) return;
    this.#isRestored = true;
    void tick().then(() => this.at.restore());
    this.#drawOn();
  }

  /** Draws on in the next task after the next frame: what is drawn is painted then. */
  #drawOn(asked = this.#asked): void {
    requestAnimationFrame(() =>
      setTimeout(() => {
        // Another page of the list draws its own rows.
        if (asked !== this.#asked) return;
        const isWhole = this.drawn.length === this.rows.length;
        this.#screens = isWhole ? Infinity : this.#screens + 1;
        if (!isWhole) this.#drawOn(asked);
      }),
    );
  }

  /**
   * Says whether rows may move: the person is at the top, and does nothing in the list; or has just
   * come back to it, perhaps from a ticket that they moved on.
   */
  #isCalm(): boolean {
    const isBusy = this.selection.size > 0 || document.querySelector("dialog[open], :popover-open");
    if (isBusy) return false;
    const isUsed = this.element?.matches(":hover, :focus-within");
    return this.#isUntouched || (scrollY < TOP && !isUsed);
  }
}
