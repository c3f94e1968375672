import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { candidates, found } from "./technicians";

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

test("a ticket can be given to active technicians other than its assignee", () => {
  const left = user("Tim Left", null, false);
  const assignee = { id: "Joana Lima" } as Schemas["Person"];
  expect(names(candidates([...all, left], assignee))).toEqual(["João Souza", "Tina Weber"]);
  expect(candidates([...all, left], null)).toEqual(all);
});
