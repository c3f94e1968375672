import { expect, test, vi } from "vitest";

vi.mock("../../api/client", () => ({}));
vi.mock("../settings/words", () => ({}));
vi.mock("./words", () => ({}));
const { expiryAfter, scopesOfService } = await import("./tokens");

test("a token ends after so many days, or not at all", () => {
  const now = Date.parse("2026-11-28T09:30:00.129Z");
  expect(expiryAfter("30", now)).toEqual({ expires_at: "2026-12-28T09:30:00.129Z" });
  expect(expiryAfter("", now)).toEqual({});
});

test("a service account gets the scopes of its role, and may act for people", () => {
  expect(scopesOfService("user")).toEqual(
    expect.arrayContaining(["open_tickets", "comment", "act_for"]),
  );
  expect(scopesOfService("user")).not.toContain("administer");
  expect(scopesOfService("admin")).toContain("administer");
});
