import { expect, test, vi } from "vitest";
import type { Schemas } from "../../api/client";

const get = vi.fn();
vi.mock("../../api/client", () => ({
  api: { GET: (path: string, options: unknown) => get(path, options) },
  answered: (answer: unknown) => answer,
}));
const { found, readTechnicians } = await import("./technicians");

function user(name: string, email: string | null = null, active = true): Schemas["User"] {
  return { id: name, name, email, active } as Schemas["User"];
}

const all = [user("João Souza", "js@example.org"), user("Tina Weber"), user("Joana Lima")];
const names = (users: readonly Schemas["User"][]) => users.map((user) => user.name);

test("a technician is found by parts of the name in any order, without accents", () => {
  expect(names(found(all, "joao"))).toEqual(["João Souza"]);
  expect(names(found(all, "souza jo"))).toEqual(["João Souza"]);
  expect(names(found(all, "jo"))).toEqual(["João Souza", "Joana Lima"]);
  expect(names(found(all, "@example"))).toEqual(["João Souza"]);
  expect(found(all, " ")).toHaveLength(3);
});

test("every page is read, and only active accounts count", async () => {
  const first = [user("A"), user("B", null, false)];
  get
    .mockResolvedValueOnce({ data: { items: first, next_cursor: "2" } })
    .mockResolvedValueOnce({ data: { items: [user("C")], next_cursor: null } });
  const known: string[][] = [];
  await readTechnicians((users) => known.push(names(users)));
  expect(known).toEqual([["A"], ["A", "C"]]);
  expect(get.mock.calls[1]![1].params.query.cursor).toBe("2");
});
