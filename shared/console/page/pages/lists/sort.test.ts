import { expect, test } from "vitest";
import type { Sort } from "./filters";
import type { TicketSummary } from "./lists";
import { ticketOf } from "./samples";
import { nextSort, sorted } from "./sort";

const numbers = (tickets: readonly TicketSummary[], sort: Sort | undefined) =>
  sorted(tickets, sort, "en").map((ticket) => ticket.number);

const up = (column: Sort["column"]): Sort => ({ column, isDescending: false });
const down = (column: Sort["column"]): Sort => ({ column, isDescending: true });

test("priorities are sorted by urgency, and equal ones stay as they were", () => {
  const tickets = [
    ticketOf(4),
    ticketOf(2, { priority: "urgent" }),
    ticketOf(3),
    ticketOf(1, { priority: "low" }),
  ];
  expect(numbers(tickets, down("priority"))).toEqual([2, 4, 3, 1]);
  expect(numbers(tickets, up("priority"))).toEqual([1, 4, 3, 2]);
  expect(numbers(tickets, undefined)).toEqual([4, 2, 3, 1]);
});

test("words are sorted as people do, and numbers in them by value", () => {
  const titles = ["Éclair 10", "eclair 9", "Zebra", "apple"];
  const tickets = titles.map((title, place) => ticketOf(place + 1, { title }));
  expect(numbers(tickets, up("title"))).toEqual([4, 2, 1, 3]);
});

test("tickets without an assignee are last, in both directions", () => {
  const zoe = { id: "z", name: "Zoé", role: "technician" } as const;
  const adam = { id: "a", name: "Adam", role: "technician" } as const;
  const tickets = [ticketOf(1), ticketOf(2, { assignee: zoe }), ticketOf(3, { assignee: adam })];
  expect(numbers(tickets, up("assignee"))).toEqual([3, 2, 1]);
  expect(numbers(tickets, down("assignee"))).toEqual([2, 3, 1]);
});

test("a header sorts one way, then the other, then not", () => {
  const first = nextSort(undefined, "title");
  expect(first).toEqual(up("title"));
  const second = nextSort(first, "title");
  expect(second).toEqual(down("title"));
  expect(nextSort(second, "title")).toBeUndefined();
  expect(nextSort(first, "updated")).toEqual(down("updated"));
  expect(nextSort(down("updated"), "updated")).toEqual(up("updated"));
});
