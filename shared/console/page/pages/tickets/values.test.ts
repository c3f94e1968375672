import { expect, test } from "vitest";
import { patchOf, type Values } from "./values";

const ticket: Values = {
  title: "Printer",
  description: "It jams.",
  priority: "normal",
  category: "Hardware",
  tags: ["paper"],
};

test("an emptied category and removed tags are null", () => {
  const base = { category: "Hardware", tags: ["paper"] };
  expect(patchOf({ base, mine: { category: "", tags: [] } }, ticket)).toEqual({
    category: null,
    tags: null,
  });
});

test("what is left alone is not in the patch", () => {
  const edits = { base: { title: "Printer", tags: ["paper"] }, mine: { title: "Jam", tags: ["a"] } };
  expect(patchOf(edits, ticket)).toEqual({ title: "Jam", tags: ["a"] });
});
