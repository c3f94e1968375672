// Every page passes axe in light and dark.

import { test } from "vitest";
import { expectAccessible, openWindow, windowOf } from "./browser";
import { everyPage, open } from "./pages";

/** How long a test of all pages may take, in milliseconds. */
const LONG_MS = 300_000;

test("every page passes axe, light and dark", async () => {
  for (const [person, paths] of await everyPage()) {
    const page = person ? await windowOf(person) : await openWindow();
    for (const path of paths) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        // Opened anew, because rows out of sight keep their former colours until they are seen.
        await open(page, path);
        await expectAccessible(page, `${path}, ${colorScheme}`);
      }
    }
    await page.context().close();
  }
}, LONG_MS);
