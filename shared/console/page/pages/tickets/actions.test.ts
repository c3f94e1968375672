import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import type { Ticket } from "../../state/tickets.svelte";
import { actionsOf, mayClassify, mayEditTexts } from "./actions";

type Allowed = Schemas["AllowedAction"];

const rita = { id: "rita", name: "Rita", role: "user" } as const;
const tina = { id: "tina", name: "Tina", role: "technician" } as const;
const ada = { id: "ada", name: "Ada", role: "admin" } as const;

function ticket(status: Ticket["status"], ...allowed: Allowed[]): Ticket {
  return { number: 7, status, allowed_actions: allowed } as Ticket;
}

test("a technician takes an open ticket, an admin gives it", () => {
  const open = ticket("open", "assign", "update", "note");
  expect(actionsOf(open, tina)).toEqual(["take"]);
  expect(actionsOf(open, ada)).toEqual(["give"]);
});

test("the assignee resolves before they hand over or put back", () => {
  const mine = ticket("in_progress", "assign", "release", "resolve", "comment", "update", "note");
  expect(actionsOf(mine, tina)).toEqual(["resolve", "handOver", "release", "edit"]);
});

test("the requester closes a resolved ticket or reopens it, and follows up a closed one", () => {
  expect(actionsOf(ticket("resolved", "reopen", "close", "comment"), rita)).toEqual([
    "close",
    "reopen",
  ]);
  expect(actionsOf(ticket("closed"), rita)).toEqual(["followUp"]);
});

test("nothing is offered that the API does not allow", () => {
  expect(actionsOf(ticket("in_progress", "update", "note"), tina)).toEqual([]);
  expect(actionsOf(ticket("open"), ada)).toEqual([]);
});

test("texts and classification follow from what else is allowed", () => {
  const byRequester = ticket("open", "withdraw", "comment", "update");
  expect([mayEditTexts(byRequester), mayClassify(byRequester)]).toEqual([true, false]);
  const byColleague = ticket("in_progress", "update", "note");
  expect([mayEditTexts(byColleague), mayClassify(byColleague)]).toEqual([false, true]);
  const closed = ticket("closed", "note");
  expect([mayEditTexts(closed), mayClassify(closed)]).toEqual([false, false]);
});
