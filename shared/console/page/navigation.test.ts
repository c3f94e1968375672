import { expect, test } from "vitest";
import { navigationOf } from "./navigation";
import { shell } from "./words/en/shell";

const USER = { isStaff: false, isAdmin: false };
const TECHNICIAN = { isStaff: true, isAdmin: false };
const ADMIN = { isStaff: true, isAdmin: true };

function itemsOf(role: typeof USER, place = "/app/inbox") {
  return navigationOf(role, place, shell, { count: "3" }).flatMap(({ items }) => items);
}

const hrefsOf = (role: typeof USER) => itemsOf(role).map(({ href }) => href);
const currentAt = (role: typeof USER, place: string) =>
  itemsOf(role, place).flatMap(({ current, href }) => (current ? [href] : []));

test("each role has its own pages", () => {
  expect(hrefsOf(USER)).toEqual(["/app/tickets", "/app/inbox"]);
  expect(hrefsOf(TECHNICIAN)).toContain("/app/queue");
  expect(hrefsOf(TECHNICIAN)).not.toContain("/app/people");
  expect(hrefsOf(ADMIN)).toEqual([...hrefsOf(TECHNICIAN), "/app/people", "/app/webhooks", "/app/audit"]);
});

test("one page is the current one, also for what is below it", () => {
  expect(currentAt(TECHNICIAN, "/app/queue")).toEqual(["/app/queue"]);
  expect(currentAt(ADMIN, "/app/people/7")).toEqual(["/app/people"]);
  expect(currentAt(ADMIN, "/app/settings")).toEqual([]);
});

test("only the inbox has a count", () => {
  expect(itemsOf(ADMIN).filter(({ count }) => count)).toMatchObject([{ href: "/app/inbox" }]);
});
