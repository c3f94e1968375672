import { expect, test, vi } from "vitest";

vi.mock("../../api/client", () => ({}));
vi.mock("./query", () => ({}));
vi.stubGlobal("location", { origin: "https://desk.example.org" });
const { linkOf, stateOf } = await import("./people");

test("an account that is not active may still be invited", () => {
  expect(stateOf({ active: true, invited: false })).toBe("active");
  expect(stateOf({ active: false, invited: true })).toBe("invited");
  expect(stateOf({ active: false, invited: false })).toBe("inactive");
});

test("an invitation leads to the operator's page, or else to this one", () => {
  const link = "https://example.org/reset#token=x";
  expect(linkOf({ token: "x", link })).toBe(link);
  expect(linkOf({ token: "x", link: null })).toBe("https://desk.example.org/app/password#token=x");
});
