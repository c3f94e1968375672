// Takes the pictures of docs/pictures.
//
//     npm run pictures
//
// With ALL_PAGES=<folder> it takes every page there instead, light and dark, wide and narrow.

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { inject, test } from "vitest";
import { firstAdmin, type Person } from "./api";
import { type Look, openWindow, PHONE, windowOf } from "./browser";
import { type Office, openOffice } from "./office";

const DOCUMENTS = resolve(import.meta.dirname, "../../../docs/pictures");

interface Picture {
  name: string;
  person: Person | undefined;
  path: string;
  look: Look;
}

const WIDE = { width: 1280, height: 800 };

/** Waits until a page has what it asked for, and saves a picture of it. */
async function take({ name, person, path, look }: Picture, folder: string): Promise<void> {
  const page = person ? await windowOf(person, path, look) : await openWindow(look);
  if (!person) await page.goto(path);
  await page.locator("h1").first().waitFor();
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.context().close();
}

function documented({ rita, tina, busy, resolved }: Office): Picture[] {
  return [
    { name: "queue", person: tina, path: "/app/queue", look: WIDE },
    { name: "ticket", person: tina, path: `/app/tickets/${busy}`, look: { ...WIDE, colorScheme: "dark" } },
    { name: "requester", person: rita, path: `/app/tickets/${resolved}`, look: { ...PHONE, locale: "pt-BR" } },
  ];
}

async function every({ rita, tina, busy, resolved }: Office): Promise<Picture[]> {
  const admin = await firstAdmin();
  const pages: [Person | undefined, string[]][] = [
    [undefined, ["sign-in", "register", "forgot", "password"]],
    [rita, ["tickets", "new", `tickets/${busy}`, `tickets/${resolved}`, "inbox", "settings", "nothing"]],
    [tina, ["queue", "work", "all", `tickets/${busy}`, `history/${busy}`, "inbox", "new"]],
    [admin, ["people", `people/${tina.id}`, "webhooks", "audit", "settings"]],
  ];
  const looks: [string, Look][] = [
    ["wide-light", WIDE],
    ["wide-dark", { ...WIDE, colorScheme: "dark" }],
    ["phone-light", { ...PHONE, locale: "pt-BR" }],
    ["phone-dark", { ...PHONE, colorScheme: "dark" }],
  ];
  return pages.flatMap(([person, paths]) =>
    paths.flatMap((path) =>
      looks.map(([look, value]) => {
        const name = `${person?.name.split(" ")[0] ?? "guest"}-${path.replaceAll("/", "-")}-${look}`;
        return { name, person, path: `/app/${path}`, look: value };
      }),
    ),
  );
}

test("pictures", async () => {
  const office = await openOffice();
  const all = process.env.ALL_PAGES;
  const folder = all ?? DOCUMENTS;
  mkdirSync(folder, { recursive: true });
  for (const picture of all ? await every(office) : documented(office)) await take(picture, folder);
  console.log(`The pictures of ${inject("helpDesk").url} are in ${folder}`);
});
