import { expect, test } from "vitest";
import { scopesFor, typesFor } from "./kinds";

const namesFor = (role: Parameters<typeof scopesFor>[0]) =>
  scopesFor(role).flatMap(({ scopes }) => scopes);

test("a role is offered the scopes that it can use", () => {
  expect(namesFor("user")).toEqual(["read_tickets", "open_tickets", "comment", "work", "inbox"]);
  expect(namesFor("technician")).toContain("read_users");
  expect(namesFor("technician")).not.toContain("administer");
  expect(namesFor("admin")).toHaveLength(10);
});

test("requesters are not asked about notes, which they never see", () => {
  expect(typesFor("user")).not.toContain("noted");
  expect(typesFor("admin")).toContain("noted");
});
