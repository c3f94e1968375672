import { answered, api } from "../../api/client";
import type { Request } from "./filters";
import type { TicketSummary } from "./lists";
import { merged, replaced, type Page } from "./merge";

/** How many answers this tab keeps for the way back. */
const KEPT = 30;
const kept = new Map<string, Page>();

function keep(key: string, page: Page): void {
  kept.delete(key);
  kept.set(key, page);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
}

const NOTHING: Page = { items: [], next_cursor: null };

/** One page of a list: what is shown of it, and what the API answered since. */
export class Listing {
  page = $state.raw<Page>(NOTHING);
  /** Whether there is no answer yet. Until then, the tickets of another address may be shown. */
  isLoading = $state(true);
  /** Why there is no answer. What was answered before stays. */
  failure = $state.raw<unknown>();
  /** How many tickets came into the list and left it since it was shown. */
  waiting = $state.raw({ added: 0, gone: 0 });
  /** Numbers of shown tickets that left the list. */
  gone = $state.raw<ReadonlySet<number>>(new Set());
  #latest: Page | undefined;
  #request: Request | undefined;
  #account: string;
  /** What this person changed here. They know that it left the list. */
  #own = new Set<number>();

  constructor(account: string) {
    this.#account = account;
  }

  get tickets(): readonly TicketSummary[] {
    return this.page.items;
  }

  /** Shows another page: at once if it was answered before. */
  open(request: Request): void {
    this.#request = request;
    this.failure = undefined;
    this.#own.clear();
    const page = kept.get(this.#key);
    this.isLoading = !page;
    if (page) this.#show(page);
    else this.#forgetWaiting();
  }

  /**
   * Asks the API again. If `isCalm` says so when the answer arrives, it is shown as it is.
   * Otherwise rows are changed where they are, and what came and went waits.
   */
  async refresh(isCalm: () => boolean): Promise<void> {
    const request = this.#request;
    if (!request) return;
    try {
      const { data } = await answered(api.GET("/v1/tickets", { params: { query: request } }));
      if (request === this.#request) this.#receive(data, isCalm());
    } catch (failure) {
      if (request !== this.#request) return;
      this.failure = failure;
      // The tickets of another address do not stand for an answer that does not come.
      if (this.isLoading) this.page = NOTHING;
      throw failure;
    }
  }

  /** Shows what waits. */
  showWaiting(): void {
    if (this.#latest) this.#show(this.#latest);
  }

  /** Shows a ticket as this person's own change left it. */
  update(ticket: TicketSummary): void {
    this.#own.add(ticket.number);
    const items = this.page.items.map((shown) => (shown.number === ticket.number ? ticket : shown));
    this.#set({ ...this.page, items });
  }

  get #key(): string {
    return `${this.#account} ${JSON.stringify(this.#request)}`;
  }

  #receive(answer: Page, isCalm: boolean): void {
    this.failure = undefined;
    if (this.isLoading || isCalm) return this.#show(answer);
    this.#latest = answer;
    const { tickets, added, gone } = merged(this.page, answer);
    if (tickets.some((ticket, place) => ticket !== this.page.items[place])) {
      this.#set({ ...this.page, items: [...tickets] });
    }
    const left = gone.filter((number) => !this.#own.has(number));
    this.waiting = { added: added.length, gone: left.length };
    this.gone = new Set(gone);
  }

  #show(answer: Page): void {
    this.#set({ ...answer, items: replaced(this.page.items, answer.items) });
    this.isLoading = false;
    this.#forgetWaiting();
  }

  #set(page: Page): void {
    this.page = page;
    keep(this.#key, page);
  }

  #forgetWaiting(): void {
    this.#latest = undefined;
    this.waiting = { added: 0, gone: 0 };
    this.gone = new Set();
  }
}
