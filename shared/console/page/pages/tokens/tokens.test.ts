import { expect, test, vi } from "vitest";

vi.mock("../../api/client", () => ({}));
const { expiryAfter } = await import("./tokens");

test("a token ends after so many days, or not at all", () => {
  const now = Date.parse("2026-11-28T09:30:00.129Z");
  expect(expiryAfter("30", now)).toEqual({ expires_at: "2026-12-28T09:30:00.129Z" });
  expect(expiryAfter("", now)).toEqual({});
});
