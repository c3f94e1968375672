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

test("every page passes axe", () => visit({}, expectAccessible), LONG_MS);

test("every page fits a phone, and is legible in the dark", async () => {
  await visit({ ...PHONE, colorScheme: "dark" }, async (page, path) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(PHONE.width);
    await expectLegible(page, path);
  });
}, LONG_MS);
