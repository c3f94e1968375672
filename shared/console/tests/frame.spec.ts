import type { BrowserContext, Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { firstAdmin, newPerson, openTicket } from "./api";
import { expectAccessible, launchBrowser, openWindow, signIn, windowOf } from "./browser";

const navigation = (page: Page) => page.getByRole("navigation", { name: "Main navigation" });

async function linksOf(page: Page): Promise<string[]> {
  await navigation(page).getByRole("link").first().waitFor();
  const texts = await navigation(page).getByRole("link").allInnerTexts();
  // After the name, the link to the inbox has a count.
  return texts.map((text) => text.split("\n")[0]!);
}

async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { tagName, textContent } = document.activeElement!;
    return tagName === "H1" ? `H1 ${textContent}` : tagName;
  });
}

async function openMenu(page: Page): Promise<void> {
  await page.getByRole("button", { name: /your account$/ }).click();
  await page.getByRole("menu").waitFor();
}

test("each role is offered its own pages", async () => {
  const user = await windowOf(await newPerson("Rita"));
  expect(await linksOf(user)).toEqual(["My tickets", "Inbox"]);
  await user.goto("/app/people");
  await user.getByRole("heading", { name: "Page not found" }).waitFor();
  const technician = await windowOf(await newPerson("Tina", "technician"));
  const forStaff = ["Inbox", "Queue", "My work", "All tickets", "My tickets"];
  expect(await linksOf(technician)).toEqual(forStaff);
  const admin = await windowOf(await firstAdmin());
  expect(await linksOf(admin)).toEqual([...forStaff, "People", "Webhooks", "Audit"]);
  await expectAccessible(admin, "the frame of an admin");
});

test("a new page gets the focus, the title and the ears", async () => {
  const page = await windowOf(await newPerson("Rita"), "/app/tickets");
  await expect.poll(() => page.title()).toBe("My tickets · Help desk");
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await focused(page)).toBe("BODY");
  await navigation(page).getByRole("link", { name: "Inbox" }).click();
  await expect.poll(() => focused(page)).toBe("H1 Inbox");
  expect(await page.title()).toBe("Inbox · Help desk");
  await page.getByRole("status").filter({ hasText: /^Inbox$/ }).waitFor();
  await page.getByRole("link", { name: "Unread", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/app/inbox?unread=true");
  expect(await focused(page)).toBe("A");
  await page.goBack();
  await page.goBack();
  await expect.poll(() => focused(page)).toBe("H1 My tickets");
});

test("the first key leads past the navigation", async () => {
  const page = await windowOf(await newPerson("Rita"), "/app/inbox");
  await page.getByRole("heading", { name: "Inbox" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("MAIN");
});

test("the theme and the language are chosen in the account's menu, and stay", async () => {
  const page = await windowOf(await newPerson("Rita"), "/app/inbox");
  await openMenu(page);
  await page.getByRole("menuitemradio", { name: "Dark theme" }).click();
  await openMenu(page);
  await page.getByRole("menuitemradio", { name: "Português" }).click();
  await page.getByRole("heading", { name: "Caixa de entrada" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Caixa de entrada" }).waitFor();
  const root = page.locator("html");
  expect(await root.getAttribute("data-theme")).toBe("dark");
  expect(await root.getAttribute("lang")).toBe("pt-BR");
});

test("a sign-out reaches every tab, and says why it failed", async () => {
  const page = await windowOf(await newPerson("Rita"), "/app/inbox");
  const other = await page.context().newPage();
  await other.goto("/app/new");
  await other.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.context().setOffline(true);
  await page.getByText("You are offline").waitFor();
  await openMenu(page);
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("region", { name: "Messages" }).getByText(/still signed in/).waitFor();
  await page.context().setOffline(false);
  await openMenu(page);
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/app/sign-in");
  await other.waitForURL("**/app/sign-in");
});

test("going back leads to where a list was left", async () => {
  const rita = await newPerson("Rita");
  for (let opened = 0; opened < 20; opened += 1) await openTicket(rita, { title: `No. ${opened}` });
  const page = await openWindow({ height: 400 });
  await signIn(page, rita);
  await page.goto("/app/tickets");
  await page.getByText("No. 0", { exact: true }).waitFor();
  await page.mouse.move(800, 300);
  await page.mouse.wheel(0, 500);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(500);
  await navigation(page).getByRole("link", { name: "Inbox" }).click();
  await page.getByRole("heading", { name: "Inbox" }).waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(500);
  await page.reload();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(500);
});

test("an address of a page that a list does not have leads to the first one", async () => {
  const admin = await windowOf(await firstAdmin(), "/app/all?cursor=none&sort=title");
  const first = admin.getByRole("alert").getByRole("link", { name: "Go to the first page" });
  await first.click();
  await admin.waitForURL("**/app/all?sort=title");
  await first.waitFor({ state: "detached" });
  await admin.goto("/app/people?cursor=none");
  await first.click();
  await admin.waitForURL("**/app/people");
  await admin.getByRole("table").waitFor();
});

test("a link with a modifier key opens another tab", async () => {
  const page = await windowOf(await newPerson("Rita"), "/app/inbox");
  const context: BrowserContext = page.context();
  const link = navigation(page).getByRole("link", { name: "My tickets" });
  const [tab] = await Promise.all([
    context.waitForEvent("page"),
    link.click({ modifiers: ["ControlOrMeta"] }),
  ]);
  await tab.waitForURL("**/app/tickets");
  expect(page.url()).toMatch(/\/app\/inbox$/);
});

test("a page whose files are gone is loaded anew, and kept while there is no network", async () => {
  const page = await windowOf(await newPerson("Rita"), "/app/tickets");
  await page.getByRole("heading", { level: 1 }).waitFor();
  const files = /\/assets\/Inbox-.*\.js/;
  await page.route(files, (route) => route.abort());
  await navigation(page).getByRole("link", { name: "Inbox" }).click();
  await page.getByText("The help desk cannot be reached").waitFor();
  await page.unroute(files);
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { name: "Inbox", exact: true }).waitFor();
});

test("after a deployment the page of the new version is loaded", async () => {
  const page = await windowOf(await newPerson("Rita"), "/app/tickets");
  await page.getByRole("heading", { level: 1 }).waitFor();
  const files = /\/assets\/Inbox-.*\.js/;
  await page.route(files, (route) => route.fulfill({ status: 404 }));
  const body = '<script type="module" src="/assets/another.js"></script>';
  await page.route(/\/$/, (route) => route.fulfill({ contentType: "text/html", body }));
  const loaded = page.waitForEvent("load");
  await navigation(page).getByRole("link", { name: "Inbox" }).click();
  await page.unroute(files);
  await loaded;
  await page.getByRole("heading", { name: "Inbox", exact: true }).waitFor();
});

test("a fault of one page leaves the others", async () => {
  const rita = await newPerson("Rita");
  // Not a window of the helpers: these fail a test when a page has a fault.
  const browser = await launchBrowser();
  const context = await browser.newContext({ baseURL: inject("helpDesk").url, locale: "en-US" });
  const page = await context.newPage();
  await signIn(page, rita);
  await page.route(/\/v1\/notifications\?/, (route) =>
    route.fulfill({ json: { items: [{ id: "7" }], next_cursor: null } }),
  );
  await page.goto("/app/tickets");
  await page.getByRole("heading", { name: "My tickets" }).waitFor();
  await navigation(page).getByRole("link", { name: "Inbox" }).click();
  await page.getByText("Something went wrong on this page").waitFor();
  await expectAccessible(page, "a page with a fault");
  await navigation(page).getByRole("link", { name: "My tickets" }).click();
  await page.getByRole("heading", { name: "My tickets" }).waitFor();
  await page.unrouteAll();
  await page.goBack();
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { name: "Inbox", exact: true }).waitFor();
  await browser.close();
});

test("a page without its script says what to do", async () => {
  const page = await openWindow();
  await page.route(/\/assets\/.*\.js/, (route) => route.abort());
  await page.goto("/app/queue");
  await page.getByText("If nothing else appears, reload the page.").waitFor();
});
