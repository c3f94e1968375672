import { expect, test } from "vitest";
import { sectionsOf } from "./keySheet";
import type { Scope } from "./state/keys.svelte";

function scope(name: string | undefined, labels: Record<string, string>): Scope {
  const bindings = Object.entries(labels).map(([key, label]) => ({
    key,
    label: () => label,
    run: () => {},
  }));
  return { name: name === undefined ? undefined : () => name, bindings };
}

test("the page that is shown comes first, and keys that do the same are on one line", () => {
  const bound = [scope("Everywhere", { c: "New ticket" }), scope("List", { j: "Next", k: "Next" })];
  expect(sectionsOf(bound, "This page")).toEqual([
    { name: "List", lines: [{ label: "Next", keys: ["j", "k"] }] },
    { name: "Everywhere", lines: [{ label: "New ticket", keys: ["c"] }] },
  ]);
});

test("what is bound under one name is one section, with each key once", () => {
  const bound = [
    scope(undefined, { u: "Back", j: "Next" }),
    scope("List", { j: "Next row" }),
    scope(undefined, { r: "Reply" }),
  ];
  expect(sectionsOf(bound, "This page")).toEqual([
    {
      name: "This page",
      lines: [
        { label: "Reply", keys: ["r"] },
        { label: "Back", keys: ["u"] },
      ],
    },
    { name: "List", lines: [{ label: "Next row", keys: ["j"] }] },
  ]);
});

test("a scope whose keys are all hidden has no section", () => {
  const bound = [scope("List", { j: "Next" }), scope(undefined, { j: "Next ticket" })];
  expect(sectionsOf(bound, "This page").map(({ name }) => name)).toEqual(["This page"]);
});
