import { expect, test } from "vitest";
import type { BrowserContext, Page } from "playwright-core";
import { act, call, eventually, newPerson, openTicket, type Person } from "./api";
import { expectAccessible, openWindow, signIn, windowOf } from "./browser";

/** How often the page counts the unread notifications, in milliseconds. */
const EVERY_MS = 30_000;
/** The lock that the windows of a browser hold in turn while they count. */
const LOCK = "helpdesk-inbox";

interface Case {
  rita: Person;
  tina: Person;
  number: number;
}

/** A ticket of Rita, on which Tina works. */
async function ticketInWork(title?: string): Promise<Case> {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const { number } = await openTicket(rita, title ? { title } : {});
  await act(tina, number, "assign");
  return { rita, tina, number };
}

function comment({ tina, number }: Case, body: string): Promise<unknown> {
  return act(tina, number, "comments", { body });
}

/** Waits until a person has so many unread notifications. */
function unread({ token }: Person, count: number): Promise<true> {
  return eventually(async () => {
    const path = "/v1/notifications/unread-count";
    const found = await call<{ count: number }>(token, "GET", path);
    return found.count === count ? true : undefined;
  });
}

/** Opens a window whose timers stand still until the test moves them. */
async function clockedWindow(person: Person, path: string): Promise<Page> {
  const page = await openWindow();
  await page.clock.install();
  await signIn(page, person);
  await page.goto(path);
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  return page;
}

async function passInterval(page: Page): Promise<void> {
  const counted = page.waitForResponse(/unread-count/);
  await page.clock.runFor(EVERY_MS * 1.2);
  await counted;
}

const messages = (page: Page) => page.getByRole("region", { name: "Messages" });

test("what arrives is counted and shown once, and leads to its ticket", async () => {
  const scene = await ticketInWork();
  await unread(scene.rita, 1);
  const page = await clockedWindow(scene.rita, "/app/tickets");
  await expect.poll(() => page.title()).toMatch(/^\(1\) /);
  await comment(scene, "Is it still burning?");
  await unread(scene.rita, 2);
  await page.locator("body").focus();
  await passInterval(page);
  const link = messages(page).getByRole("link", { name: /commented on “.*Printer on fire.*”/ });
  await link.waitFor();
  expect(await page.title()).toMatch(/^\(2\) /);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
  await link.click();
  await page.waitForURL(`**/app/tickets/${scene.number}`);
  await page.clock.runFor(5_000);
  await unread(scene.rita, 0);
});

test("several that arrive together are one message", async () => {
  const scene = await ticketInWork();
  await unread(scene.rita, 1);
  const page = await clockedWindow(scene.rita, "/app/tickets");
  await expect.poll(() => page.title()).toMatch(/^\(1\) /);
  for (const body of ["One", "Two", "Three"]) await comment(scene, body);
  await unread(scene.rita, 4);
  await passInterval(page);
  await messages(page).getByRole("link", { name: "3 new notifications" }).waitFor();
  expect(await messages(page).getByRole("link").count()).toBe(1);
});

test("what is said on the open ticket is read, and no message covers it", async () => {
  const scene = await ticketInWork();
  await unread(scene.rita, 1);
  const page = await clockedWindow(scene.rita, `/app/tickets/${scene.number}`);
  await page.getByRole("heading", { level: 1, name: "Printer on fire" }).waitFor();
  await page.clock.runFor(5_000);
  await unread(scene.rita, 0);
  await comment(scene, "Is it still burning?");
  await unread(scene.rita, 1);
  await passInterval(page);
  await unread(scene.rita, 0);
  expect(await messages(page).getByRole("link").count()).toBe(0);
});

test("of two windows one shows what arrives", async () => {
  const scene = await ticketInWork();
  await unread(scene.rita, 1);
  const first = await clockedWindow(scene.rita, "/app/tickets");
  const context: BrowserContext = first.context();
  const second = await context.newPage();
  const counted = second.waitForResponse(/unread-count/);
  await second.goto("/app/new");
  await counted;
  await expect.poll(() => second.title()).toMatch(/^\(1\) /);
  await comment(scene, "Is it still burning?");
  await unread(scene.rita, 2);
  // Both windows have one clock.
  await first.clock.runFor(EVERY_MS * 1.2);
  await expect.poll(() => first.title()).toMatch(/^\(2\) /);
  await expect.poll(() => second.title()).toMatch(/^\(2\) /);
  const shown = async () =>
    (await messages(first).getByRole("link").count()) +
    (await messages(second).getByRole("link").count());
  await expect.poll(shown).toBe(1);
  // The other window has had its turn, too, once this turn comes.
  await first.evaluate((lock) => navigator.locks.request(lock, () => {}), LOCK);
  expect(await shown()).toBe(1);
});

test("the list is kept as it is until the person asks for what is new", async () => {
  const scene = await ticketInWork();
  await unread(scene.rita, 1);
  const page = await clockedWindow(scene.rita, "/app/inbox");
  const rows = page.getByRole("main").getByRole("listitem");
  await expect.poll(() => rows.count()).toBe(1);
  await comment(scene, "Is it still burning?");
  await unread(scene.rita, 2);
  await passInterval(page);
  const button = page.getByRole("button", { name: "Show 1 new" });
  await button.waitFor();
  expect(await rows.count()).toBe(1);
  await button.click();
  await expect.poll(() => rows.count()).toBe(2);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/commented/);
});

test("one and all are marked as read, and the filter is in the address", async () => {
  const scene = await ticketInWork();
  await comment(scene, "Hello");
  await comment(scene, "Hello?");
  await unread(scene.rita, 3);
  const page = await windowOf(scene.rita, "/app/inbox");
  const rows = page.getByRole("main").getByRole("listitem");
  const buttons = page.getByRole("main").getByRole("button", { name: "Mark as read", exact: true });
  await expect.poll(() => buttons.count()).toBe(3);
  await buttons.first().click();
  await expect.poll(() => buttons.count()).toBe(2);
  await unread(scene.rita, 2);
  await page.getByRole("link", { name: "Unread", exact: true }).click();
  await page.waitForURL("**/app/inbox?unread=true");
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await expect.poll(() => buttons.count()).toBe(0);
  await unread(scene.rita, 0);
  await page.reload();
  await page.getByRole("heading", { name: "You are all caught up" }).waitFor();
  await page.goBack();
  await expect.poll(() => rows.count()).toBe(3);
});

test("hostile texts are shown as texts", async () => {
  const title = "<img src=x onerror=alert(1)> \u202eexe.oh \u05d0\u05d1";
  const scene = await ticketInWork(title);
  await unread(scene.rita, 1);
  const page = await windowOf(scene.rita, "/app/inbox");
  await page.getByText(title).waitFor();
  expect(await page.locator("img").count()).toBe(0);
  await expectAccessible(page, "inbox");
});
