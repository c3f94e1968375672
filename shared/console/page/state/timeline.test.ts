import { expect, test } from "vitest";
import { beyond, lastSeq, markOf, merged, type Item } from "./timeline";

const tina = { id: "tina", name: "Tina", role: "technician" } as const;

function comment(seq: number, at: string): Item {
  const fields = { ticket: 7, author: tina, via: null, body: "x", created_at: at };
  return { kind: "comment", id: `c${seq}`, seq, ...fields };
}

function note(id: string, at: string): Item {
  return { kind: "note", id, ticket: 7, author: tina, via: null, body: "x", created_at: at };
}

const ids = (items: readonly Item[]) => items.map((item) => item.id);

test("pages in any order make one timeline, oldest first, without repetition", () => {
  const newest = [comment(4, "T4"), comment(3, "T3")];
  const older = [comment(3, "T3"), comment(2, "T2"), comment(1, "T1")];
  expect(ids(merged(merged([], newest), older))).toEqual(["c1", "c2", "c3", "c4"]);
  expect(ids(merged(merged([], older), newest))).toEqual(["c1", "c2", "c3", "c4"]);
});

test("what is known stays the same object, so that nothing is drawn again", () => {
  const known = merged([], [comment(1, "T1"), note("n1", "T2")]);
  expect(merged(known, [note("n1", "T2"), comment(1, "T1")])).toBe(known);
  const more = merged(known, [comment(2, "T3"), comment(1, "T1")]);
  expect(more[0]).toBe(known[0]);
  expect(more[1]).toBe(known[1]);
});

test("at the same time a note comes after the log, as in the API", () => {
  const read = [note("n1", "T1"), comment(2, "T1"), comment(1, "T1"), note("n0", "T1")];
  const items = merged([], read);
  expect(ids(items)).toEqual(["c1", "c2", "n0", "n1"]);
});

test("the version of what is shown is that of the last entry, without notes", () => {
  expect(lastSeq([comment(1, "T1"), comment(5, "T5"), note("n9", "T6")])).toBe(5);
  expect(lastSeq([])).toBe(0);
});

test("a mark tells what was added after it, entries by number and notes by id", () => {
  const seen = [comment(1, "T1"), note("n1", "T2")];
  const mark = markOf(seen);
  expect(beyond(seen, mark)).toEqual([]);
  // An entry may be committed later with an earlier time.
  const late = comment(2, "T0");
  expect(ids(beyond(merged(seen, [late, note("n2", "T3")]), mark))).toEqual(["c2", "n2"]);
  expect(ids(beyond([note("n1", "T2")], markOf([])))).toEqual(["n1"]);
});
