import type { Sort } from "./filters";
import { PRIORITIES, STATUSES, type Column, type TicketSummary } from "./lists";

type Value = string | number | undefined;

/** What a column is compared by. */
const VALUE: Record<Column, (ticket: TicketSummary) => Value> = {
  number: (ticket) => ticket.number,
  title: (ticket) => ticket.title,
  status: (ticket) => STATUSES.indexOf(ticket.status),
  priority: (ticket) => PRIORITIES.indexOf(ticket.priority),
  requester: (ticket) => ticket.requester.name,
  assignee: (ticket) => ticket.assignee?.name,
  created: (ticket) => ticket.created_at,
  updated: (ticket) => ticket.updated_at,
};

/**
 * Sorts the tickets of the page at hand. It cannot sort the whole list: the API has one order for
 * each list. Tickets that are equal stay in that order, and those without a value are last.
 */
export function sorted(
  tickets: readonly TicketSummary[],
  sort: Sort | undefined,
  language: string,
): readonly TicketSummary[] {
  if (!sort) return tickets;
  const valueOf = VALUE[sort.column];
  const direction = sort.isDescending ? -1 : 1;
  const { compare } = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const order = (one: Value, other: Value) => {
    if (one === undefined) return other === undefined ? 0 : 1;
    if (other === undefined) return -1;
    const isText = typeof one === "string";
    return direction * (isText ? compare(one, String(other)) : one - Number(other));
  };
  return tickets.toSorted((one, other) => order(valueOf(one), valueOf(other)));
}

/** Returns the sort after a column's header is pressed: one way, the other way, none. */
export function nextSort(sort: Sort | undefined, column: Column): Sort | undefined {
  const begins = BEGINS_DESCENDING.has(column);
  if (sort?.column !== column) return { column, isDescending: begins };
  return sort.isDescending === begins ? { column, isDescending: !begins } : undefined;
}

/** Columns of which people want the most urgent or the newest first. */
const BEGINS_DESCENDING = new Set<Column>(["priority", "created", "updated", "number"]);
