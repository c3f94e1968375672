import { beforeEach, expect, test } from "vitest";
import { ticketOf, ticketsOf } from "./samples";
import { Selection } from "./selection.svelte";

const rows = ticketsOf(5, 4, 3, 2, 1);
let selection: Selection;

beforeEach(() => {
  selection = new Selection();
});

const numbers = () => selection.tickets.map((ticket) => ticket.number).toSorted();

test("a range goes from the ticket that was selected last to another one", () => {
  selection.toggle(rows[1]!);
  selection.extend(rows, rows[3]!);
  expect(numbers()).toEqual([2, 3, 4]);
  selection.extend(rows, rows[0]!);
  expect(numbers()).toEqual([2, 3, 4, 5]);
});

test("a range from a ticket that was removed removes", () => {
  selection.setAll(rows, true);
  selection.toggle(rows[1]!);
  selection.extend(rows, rows[2]!);
  expect(numbers()).toEqual([1, 2, 5]);
});

test("a range without a beginning is one ticket", () => {
  selection.extend(rows, rows[2]!);
  expect(numbers()).toEqual([3]);
});

test("other orders and pages of the list keep what is selected", () => {
  selection.toggle(rows[0]!);
  selection.setAll(ticketsOf(9, 8), true);
  expect(numbers()).toEqual([5, 8, 9]);
  selection.setAll(ticketsOf(9, 8), false);
  expect(numbers()).toEqual([5]);
});

test("a selected ticket is as it is now", () => {
  selection.toggle(rows[0]!);
  const now = ticketOf(5, { version: 2, status: "closed" });
  selection.refresh([now, rows[1]!]);
  expect(selection.tickets).toEqual([now]);
});
