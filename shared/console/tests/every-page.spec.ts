// Every page passes axe in light and dark, and fits a phone.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible, expectLegible, type Look, openWindow, PHONE, windowOf } from "./browser";
import { everyPage, open } from "./pages";

/** How long a test of all pages may take, in milliseconds. */
const LONG_MS = 300_000;

/** Opens every page in a look, and checks it. */
async function visit(look: Look, check: (page: Page, path: string) => Promise<void>): Promise<void> {
  for (const [person, paths] of await everyPage()) {
    const page = person ? await windowOf(person, "/", look) : await openWindow(look);
    for (const path of paths) {
      await open(page, path);
      await check(page, path);
    }
    await page.context().close();
  }
}

test("every page passes axe in light, and is legible in dark", async () => {
  await visit({}, async (page, path) => {
    await expectAccessible(page, path);
    await page.emulateMedia({ colorScheme: "dark" });
    // Opened anew, because rows out of sight keep their former colours until they are seen.
    await open(page, path);
    await expectLegible(page, `${path}, dark`);
    await page.emulateMedia({ colorScheme: "light" });
  });
}, LONG_MS);

test("every page fits a phone", async () => {
  await visit(PHONE, async (page, path) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(PHONE.width);
  });
}, LONG_MS);
