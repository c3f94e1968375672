// A browser for each test file, and a context of its own for each person.

import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import type { Person } from "./api";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

/** How long an expectation of the page may take to hold, in milliseconds. */
const SOON_MS = 30_000;

let browser: Browser;
let opened: { context: BrowserContext; faults: string[] }[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

afterEach(async () => {
  const closing = opened;
  opened = [];
  await Promise.all(closing.map(({ context }) => context.close()));
  expect(closing.flatMap(({ faults }) => faults)).toEqual([]);
});

export function launchBrowser(): Promise<Browser> {
  if (!CHROMIUM) throw new Error("This needs Chromium: Debian's package `chromium`.");
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

export interface Look {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
  locale?: string;
}

/** The narrowest window that everything must fit (WCAG 2.2, 1.4.10: 320 px; people ask for 360). */
export const PHONE = { width: 360, height: 740 };

/** Opens a window of its own: a person's browser. Faults that it reports fail the test. */
export async function openWindow(look: Look = {}): Promise<Page> {
  const { width = 1280, height = 800, colorScheme = "light", locale = "en-US" } = look;
  const context = await browser.newContext({
    baseURL: inject("helpDesk").url,
    viewport: { width, height },
    colorScheme,
    locale,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(SOON_MS);
  const faults: string[] = [];
  opened.push({ context, faults });
  context.on("weberror", (error) => faults.push(String(error.error())));
  context.on("console", (message) => {
    // The browser reports here what the policy forbids. It reports every refusal of the API, too.
    const isFault = message.type() === "error" && !/Failed to load resource/.test(message.text());
    if (isFault) faults.push(message.text());
  });
  return context.newPage();
}

/** Signs a window in without the page, as the page does it. */
export async function signIn(page: Page, { email, password }: Person): Promise<void> {
  const { url } = inject("helpDesk");
  const response = await page.request.post("/v1/auth/login", {
    data: { email, password },
    headers: { "x-helpdesk-session": "cookie", origin: url },
  });
  expect(response.status()).toBe(200);
}

/** Opens a window in which a person is signed in, at an address of the page. */
export async function windowOf(person: Person, path = "/", look: Look = {}): Promise<Page> {
  const page = await openWindow(look);
  await signIn(page, person);
  await page.goto(path);
  return page;
}

/** Answers requests of a page with a refusal of the API. */
export function refuse(
  page: Page,
  url: string,
  slug: string,
  status: number,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const body = JSON.stringify({ type: `/problems/${slug}`, detail: "It was refused." });
  return page.route(url, (route) =>
    route.fulfill({ status, headers, contentType: "application/problem+json", body }),
  );
}

/** Ends the session of a page that works on tickets, without its doing. */
export async function endSession(page: Page): Promise<void> {
  await page.context().clearCookies();
  await refuse(page, "**/v1/tickets/**", "invalid-token", 401);
}

/** Lets a page ask for what is new now, as it does when the person comes back to it. */
export async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
}

/** What axe checks: the rules of WCAG 2.2 AA, and good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Its rules about colours. A theme changes nothing else. */
const COLOR_RULES = ["color-contrast", "link-in-text-block"];

/** Fails with what axe finds on the page. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  await expectNothing(axe(page).withTags(RULES), where);
}

/** Fails with what axe finds about the colours of the page. */
export async function expectLegible(page: Page, where: string): Promise<void> {
  await expectNothing(axe(page).withRules(COLOR_RULES), where);
}

/**
 * Axe for a page without frames, for which it would open a window each time. What passes is not
 * described: that takes longer than the checks.
 */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
}

async function expectNothing(checks: AxeBuilder, where: string): Promise<void> {
  const { violations } = await checks.analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`);
  expect(found, where).toEqual([]);
}
