import { expect, test } from "vitest";
import { merged, replaced, type Page } from "./merge";
import { ticketOf, ticketsOf } from "./samples";

const pageOf = (numbers: number[], next: string | null = null): Page => ({
  items: ticketsOf(...numbers),
  next_cursor: next,
});

test("rows keep their places, and what changed is new in its place", () => {
  const shown = pageOf([3, 2, 1]);
  const changed = ticketOf(2, { version: 2, priority: "urgent" });
  const { tickets, added, gone } = merged(shown, {
    items: [changed, ticketOf(4), ticketOf(3), ticketOf(1)],
    next_cursor: null,
  });
  expect(tickets).toEqual([shown.items[0], changed, shown.items[2]]);
  expect(tickets[0]).toBe(shown.items[0]);
  expect(added).toEqual([4]);
  expect(gone).toEqual([]);
});

test("a ticket that left the list stays where it is, and is named", () => {
  const { tickets, added, gone } = merged(pageOf([3, 2, 1]), pageOf([3, 1]));
  expect(tickets.map((ticket) => ticket.number)).toEqual([3, 2, 1]);
  expect(added).toEqual([]);
  expect(gone).toEqual([2]);
});

test("a ticket that new ones push to the next page has not left the list", () => {
  const { added, gone } = merged(pageOf([3, 2, 1], "1"), pageOf([4, 3, 2], "2"));
  expect(added).toEqual([4]);
  expect(gone).toEqual([]);
});

test("a ticket that comes from the next page because one left is not new", () => {
  const { added, gone } = merged(pageOf([4, 3, 2], "2"), pageOf([4, 2, 1], "1"));
  expect(added).toEqual([]);
  expect(gone).toEqual([3]);
});

test("a page of other tickets is all new", () => {
  const { added, gone } = merged(pageOf([2, 1], "1"), pageOf([4, 3], "3"));
  expect(added).toEqual([4, 3]);
  expect(gone).toEqual([2, 1]);
});

test("an answer that is behind changes nothing back", () => {
  const own = ticketOf(1, { version: 3, status: "in_progress" });
  const behind = { items: [ticketOf(1, { version: 2 })], next_cursor: null };
  expect(merged({ items: [own], next_cursor: null }, behind).tickets[0]).toBe(own);
  expect(replaced([own], behind.items)[0]).toBe(own);
});

test("what a person may do can change while the version does not", () => {
  const before = ticketOf(1, { allowed_actions: ["assign"] });
  const now = ticketOf(1, { allowed_actions: [] });
  expect(replaced([before], [now])[0]).toBe(now);
});
