import type { TicketSummary } from "./lists";

/** The selected tickets of one list, also those of other pages. */
export class Selection {
  #tickets = $state.raw<ReadonlyMap<number, TicketSummary>>(new Map());
  /** Where a range begins: the ticket that was selected or not last. */
  #anchor: number | undefined;

  get size(): number {
    return this.#tickets.size;
  }

  get tickets(): TicketSummary[] {
    return [...this.#tickets.values()];
  }

  has(number: number): boolean {
    return this.#tickets.has(number);
  }

  toggle(ticket: TicketSummary): void {
    this.#anchor = ticket.number;
    this.#set([ticket], !this.has(ticket.number));
  }

  /** Gives the rows from the anchor to a ticket the state of the anchor. */
  extend(rows: readonly TicketSummary[], to: TicketSummary): void {
    const from = rows.findIndex((ticket) => ticket.number === this.#anchor);
    const end = rows.indexOf(to);
    if (from < 0 || end < 0) return this.toggle(to);
    const isSelected = this.has(this.#anchor!);
    this.#set(rows.slice(Math.min(from, end), Math.max(from, end) + 1), isSelected);
  }

  /** Selects all rows, or none of them. */
  setAll(rows: readonly TicketSummary[], isSelected: boolean): void {
    this.#set(rows, isSelected);
  }

  remove(number: number): void {
    const ticket = this.#tickets.get(number);
    if (ticket) this.#set([ticket], false);
  }

  clear(): void {
    this.#anchor = undefined;
    this.#tickets = new Map();
  }

  /** Takes over what changed in the selected tickets. */
  refresh(rows: readonly TicketSummary[]): void {
    const changed = rows.filter((ticket) => {
      const before = this.#tickets.get(ticket.number);
      return before !== undefined && before !== ticket;
    });
    if (changed.length > 0) this.#set(changed, true);
  }

  #set(tickets: readonly TicketSummary[], isSelected: boolean): void {
    const next = new Map(this.#tickets);
    for (const ticket of tickets) {
      if (isSelected) next.set(ticket.number, ticket);
      else next.delete(ticket.number);
    }
    this.#tickets = next;
  }
}
