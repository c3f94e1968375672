// Hostile texts are shown as text, in every field.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { act, call, firstAdmin, invite, newPerson, openTicket, type Person } from "./api";
import { expectAccessible, windowOf } from "./browser";

/** Runs if a text is taken for markup. */
const SCRIPT = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>`;
/** Turns the direction of what follows, and never turns it back. */
const OVERRIDE = "\u202Egnol dna detrevni";
const ARABIC = "الطابعة لا تعمل";
const HOSTILE = `${SCRIPT} ${ARABIC} ${OVERRIDE}`;

/** Fails if a text ran, or is wider than its window. */
async function expectHarmless(page: Page, where: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  const found = await page.evaluate(() => ({
    hit: "hit" in window,
    images: document.querySelectorAll("img").length,
    scripts: document.querySelectorAll("body script").length,
    overflow: document.documentElement.scrollWidth > innerWidth,
  }));
  expect(found, where).toEqual({ hit: false, images: 0, scripts: 0, overflow: false });
}

async function hostileTicket(rita: Person, tina: Person): Promise<number> {
  const { number } = await openTicket(rita, {
    title: HOSTILE,
    description: HOSTILE,
    category: SCRIPT.slice(0, 50),
    tags: [SCRIPT.slice(0, 30), ARABIC, OVERRIDE],
  });
  await act(tina, number, "assign");
  await act(tina, number, "comments", { body: HOSTILE });
  await act(tina, number, "notes", { body: HOSTILE });
  await act(tina, number, "release", { reason: HOSTILE });
  await act(tina, number, "assign");
  await act(tina, number, "resolve", { resolution: HOSTILE });
  return number;
}

test("hostile texts are text in every field", async () => {
  const unique = crypto.randomUUID().slice(0, 8);
  const name = HOSTILE.slice(0, 100);
  const rita = await invite({ name, email: `r${unique}@example.com`, role: "user" });
  const tina = await invite({ name, email: `t${unique}@example.com`, role: "technician" });
  const admin = await firstAdmin();
  const number = await hostileTicket(rita, tina);
  const hook = { url: "http://127.0.0.1:9/hook", description: HOSTILE };
  const { id } = await call<{ id: string }>(admin.token, "POST", "/v1/webhooks", hook);
  const paths: [Person, string[]][] = [
    [rita, ["tickets", `tickets/${number}`, "inbox", "settings"]],
    [tina, ["all", "work?status=resolved", `tickets/${number}`, `history/${number}`, "inbox"]],
    [admin, ["people", `people/${rita.id}`, "webhooks", `webhooks/${id}`, "audit"]],
  ];
  for (const [person, pages] of paths) {
    const page = await windowOf(person, "/", { width: 360, height: 740 });
    for (const path of pages) {
      await page.goto(`/app/${path}`);
      await page.locator("h1").first().waitFor();
      await expectHarmless(page, path);
    }
    await page.context().close();
  }
  const page = await windowOf(tina, `/app/tickets/${number}`);
  await page.getByText(HOSTILE).first().waitFor();
}, 120_000);

test("ten thousand characters without a space fit, and an override ends with its text", async () => {
  const { token, ...admin } = await firstAdmin();
  const rita = await invite({ name: "Rita", email: `${crypto.randomUUID()}@example.com`, role: "user" });
  const { number } = await openTicket(rita, { title: OVERRIDE, description: "W".repeat(10_000) });
  const page = await windowOf({ token, ...admin }, `/app/tickets/${number}`, { width: 360, height: 740 });
  await page.getByRole("heading", { level: 1 }).waitFor();
  await expectHarmless(page, "a long text");
  const isolated = await page.getByRole("heading", { level: 1 }).evaluate((heading) => {
    const text = [...heading.querySelectorAll("*"), heading].find((one) => one.textContent?.includes("gnol"))!;
    return getComputedStyle(text).unicodeBidi;
  });
  expect(isolated).toMatch(/isolate|plaintext/);
});

test("only web addresses are links, each to itself, and none is wider than its window", async () => {
  const rita = await newPerson("Rita");
  const long = `https://example.com/${"w".repeat(5_000)}`;
  const description =
    `See https://example.com/a. Not javascript:alert(1), data:text/html,x or //evil.example. ` +
    `${OVERRIDE} https://example.com/b\u202Egpj.exe https://bank.example@evil.example/ ${long}`;
  const { number } = await openTicket(rita, { description });
  const page = await windowOf(rita, `/app/tickets/${number}`, { width: 360, height: 740 });
  const text = page.locator("#description");
  await text.getByRole("link").first().waitFor();
  const links = await text.getByRole("link").evaluateAll((all) =>
    all.map((link) => {
      const { href, target, rel, textContent } = link as HTMLAnchorElement;
      const said = document.getElementById(link.getAttribute("aria-describedby")!)?.textContent;
      const bidi = getComputedStyle(link).unicodeBidi;
      return { href, target, rel, text: textContent, said, bidi };
    }),
  );
  const rel = "noopener noreferrer nofollow";
  const fixed = { target: "_blank", rel, said: "Opens in a new tab", bidi: "isolate" };
  const addresses = ["https://example.com/a", "https://example.com/b", long];
  expect(links).toEqual(addresses.map((href) => ({ href, text: href, ...fixed })));
  await expectHarmless(page, "links in a text");
  await expectAccessible(page, "links in a text");
});
