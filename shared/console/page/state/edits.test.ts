import { expect, test } from "vitest";
import { changesOf, conflictsOf, edited, insisted, NONE, without, type Edits } from "./edits";

interface Values {
  title: string;
  priority: string;
  category: string;
  tags: readonly string[];
}

const before: Values = { title: "Printer", priority: "normal", category: "", tags: ["paper"] };

function begun<F extends keyof Values>(field: F, value: Values[F]): Edits<Values> {
  return edited<Values, F>(NONE, field, value, before);
}

test("only what was changed is saved", () => {
  const edits = begun("priority", "high");
  expect(changesOf(edits, before)).toEqual({ priority: "high" });
});

test("a field that is as before again is not changed", () => {
  const edits = edited(begun("title", "Printer!"), "title", "Printer", before);
  expect(edits).toEqual(NONE);
});

test("what others change elsewhere is no conflict, and stays", () => {
  const edits = begun("title", "Printer on floor 3");
  const theirs: Values = { ...before, priority: "urgent", tags: [] };
  expect(conflictsOf(edits, theirs)).toEqual([]);
  expect(changesOf(edits, theirs)).toEqual({ title: "Printer on floor 3" });
});

test("the same field changed to something else is a conflict", () => {
  const edits = begun("tags", ["paper", "jam"]);
  const theirs: Values = { ...before, tags: ["printer"] };
  expect(conflictsOf(edits, theirs)).toEqual(["tags"]);
});

test("the same field changed to the same value is none, and nothing is sent", () => {
  const edits = begun("category", "Hardware");
  const theirs: Values = { ...before, category: "Hardware" };
  expect(conflictsOf(edits, theirs)).toEqual([]);
  expect(changesOf(edits, theirs)).toEqual({});
});

test("what the person saw first counts, however long they go on typing", () => {
  const first = begun("title", "Printer o");
  const theirs: Values = { ...before, title: "The printer" };
  expect(conflictsOf(edited(first, "title", "Printer on fire", theirs), theirs)).toEqual(["title"]);
});

test("a conflict ends with the choice of a side", () => {
  const edits = begun("title", "Mine");
  const theirs: Values = { ...before, title: "Theirs" };
  const mine = insisted(edits, "title", theirs);
  expect(conflictsOf(mine, theirs)).toEqual([]);
  expect(changesOf(mine, theirs)).toEqual({ title: "Mine" });
  expect(changesOf(without(edits, "title"), theirs)).toEqual({});
  // A third change after the choice is a conflict again.
  expect(conflictsOf(mine, { ...before, title: "Third" })).toEqual(["title"]);
});
