import type { Schemas } from "../../api/client";
import type { TicketSummary } from "./lists";

type Tickets = readonly TicketSummary[];
/** One page of a list, as the API answers it. */
export type Page = Schemas["TicketPage"];

interface Merged {
  /** The shown tickets as they are now, in the order they are shown in. */
  tickets: Tickets;
  /** Numbers of tickets that came into the list. */
  added: number[];
  /** Numbers of tickets that are shown, and left the list. */
  gone: number[];
}

/**
 * Brings what is shown up to date without moving anything: no row comes, goes or changes its place.
 * An unchanged ticket stays the same object, so its row is not drawn again.
 */
export function merged(shown: Page, now: Page): Merged {
  const current = new Map(now.items.map((ticket) => [ticket.number, ticket]));
  return {
    tickets: shown.items.map((ticket) => newer(ticket, current.get(ticket.number))),
    added: missing(now, shown),
    gone: missing(shown, now),
  };
}

/**
 * Returns the numbers that one page has and the other has not. If the other page has a next one,
 * what comes after their last common ticket may just have moved there: it does not count.
 */
function missing(from: Page, other: Page): number[] {
  const known = new Set(other.items.map((ticket) => ticket.number));
  const lastCommon = from.items.findLastIndex((ticket) => known.has(ticket.number));
  const end = other.next_cursor === null || lastCommon < 0 ? from.items.length : lastCommon;
  const numbers = from.items.slice(0, end).map((ticket) => ticket.number);
  return numbers.filter((number) => !known.has(number));
}

/** Lists lag behind a change by a moment, so an answer may be older than what is shown. */
function newer(shown: TicketSummary, now: TicketSummary | undefined): TicketSummary {
  if (!now || now.version < shown.version) return shown;
  return JSON.stringify(now) === JSON.stringify(shown) ? shown : now;
}

/** Returns the list as it is now. A ticket that is shown in a newer version already keeps it. */
export function replaced(shown: Tickets, now: Tickets): TicketSummary[] {
  const known = new Map(shown.map((ticket) => [ticket.number, ticket]));
  return now.map((ticket) => {
    const before = known.get(ticket.number);
    return before ? newer(before, ticket) : ticket;
  });
}
