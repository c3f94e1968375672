import { expect, test } from "vitest";
import { scopesFor } from "./scopes";

const namesFor = (...account: Parameters<typeof scopesFor>) =>
  scopesFor(...account).flatMap(({ scopes }) => scopes);

test("a role is offered the scopes that it can use", () => {
  const ofUsers = ["read_tickets", "open_tickets", "comment", "work", "inbox"];
  expect(namesFor("user", false)).toEqual(ofUsers);
  expect(namesFor("technician", false)).toContain("read_users");
  expect(namesFor("technician", false)).not.toContain("administer");
  expect(namesFor("admin", false)).toHaveLength(10);
});

test("only a service account may act for people", () => {
  expect(namesFor("user", true)).toContain("act_for");
  expect(namesFor("user", true)).not.toContain("administer");
  expect(namesFor("admin", false)).not.toContain("act_for");
});
