import { expect, test, vi } from "vitest";

vi.mock("../../api/client", () => ({}));
vi.mock("./query", () => ({}));
const { eventOf, pollEvery, shortUrl } = await import("./webhooks");

const NOW = Date.parse("2026-11-28T09:30:00.000Z");

function dueIn(seconds: number | null) {
  const at = seconds === null ? null : new Date(NOW + seconds * 1000).toISOString();
  return { next_attempt_at: at };
}

test("deliveries are read again while one is pending, and often if its attempt is near", () => {
  expect(pollEvery([], NOW)).toBeUndefined();
  expect(pollEvery([dueIn(null)], NOW)).toBeUndefined();
  expect(pollEvery([dueIn(null), dueIn(7200)], NOW)).toBe(30_000);
  expect(pollEvery([dueIn(7200), dueIn(5)], NOW)).toBe(2_000);
  expect(pollEvery([dueIn(-3)], NOW)).toBe(2_000);
});

test("a delivery is of a ticket's event or a test", () => {
  expect(eventOf({ type: "helpdesk.ticket.handed_over" })).toBe("handed_over");
  expect(eventOf({ type: "helpdesk.webhook.ping" })).toBeUndefined();
});

test("a URL is shown without what goes without saying", () => {
  expect(shortUrl("https://example.org/")).toBe("example.org");
  expect(shortUrl("http://127.0.0.1:80/hook?key=secret")).toBe("http://127.0.0.1:80/hook");
  expect(shortUrl(`https://example.org/${"a".repeat(60)}`)).toBe(`example.org/${"a".repeat(36)}…`);
});
