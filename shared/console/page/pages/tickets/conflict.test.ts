import { expect, test } from "vitest";
import {
  conflictsOf,
  edited,
  insisted,
  patchOf,
  without,
  type Edits,
  type Values,
} from "./conflict";

const NONE: Edits = { base: {}, mine: {} };
const before: Values = {
  title: "Printer",
  description: "It jams.",
  priority: "normal",
  category: "",
  tags: ["paper"],
};

test("only what was changed is sent", () => {
  const edits = edited(NONE, "priority", "high", before);
  expect(patchOf(edits, before)).toEqual({ priority: "high" });
});

test("a field that is as before again is not changed", () => {
  const edits = edited(edited(NONE, "title", "Printer!", before), "title", "Printer", before);
  expect(edits).toEqual(NONE);
});

test("what others change elsewhere is no conflict, and stays", () => {
  const edits = edited(NONE, "title", "Printer on floor 3", before);
  const theirs: Values = { ...before, priority: "urgent", tags: [] };
  expect(conflictsOf(edits, theirs)).toEqual([]);
  expect(patchOf(edits, theirs)).toEqual({ title: "Printer on floor 3" });
});

test("the same field changed to something else is a conflict", () => {
  const edits = edited(NONE, "tags", ["paper", "jam"], before);
  const theirs: Values = { ...before, tags: ["printer"] };
  expect(conflictsOf(edits, theirs)).toEqual(["tags"]);
});

test("the same field changed to the same value is none, and nothing is sent", () => {
  const edits = edited(NONE, "category", "Hardware", before);
  const theirs: Values = { ...before, category: "Hardware" };
  expect(conflictsOf(edits, theirs)).toEqual([]);
  expect(patchOf(edits, theirs)).toEqual({});
});

test("what the person saw first counts, however long they go on typing", () => {
  const first = edited(NONE, "title", "Printer o", before);
  const theirs: Values = { ...before, title: "The printer" };
  expect(conflictsOf(edited(first, "title", "Printer on fire", theirs), theirs)).toEqual(["title"]);
});

test("a conflict ends with the choice of a side", () => {
  const edits = edited(NONE, "title", "Mine", before);
  const theirs: Values = { ...before, title: "Theirs" };
  const mine = insisted(edits, "title", theirs);
  expect(conflictsOf(mine, theirs)).toEqual([]);
  expect(patchOf(mine, theirs)).toEqual({ title: "Mine" });
  expect(patchOf(without(edits, "title"), theirs)).toEqual({});
  // A third change after the choice is a conflict again.
  expect(conflictsOf(mine, { ...before, title: "Third" })).toEqual(["title"]);
});

test("an emptied category and removed tags are null", () => {
  const ticket: Values = { ...before, category: "Hardware" };
  const edits = edited(edited(NONE, "category", "", ticket), "tags", [], ticket);
  expect(patchOf(edits, ticket)).toEqual({ category: null, tags: null });
});
