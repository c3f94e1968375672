// Every dialog passes axe in light and dark, and the main path works by keyboard alone.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { act, call, eventually, firstAdmin, newPerson, openTicket, type Person, type Schemas } from "./api";
import { expectAccessible, expectLegible, lookAgain, openWindow, windowOf } from "./browser";
import { open } from "./pages";

/** How long a test of many dialogs may take, in milliseconds. */
const LONG_MS = 300_000;

/** How a dialog is opened: by the button of this name, or by a key. */
type Opening = { button: RegExp } | { key: string };

interface WithDialogs {
  person: Person;
  path: string;
  openings: Opening[];
}

async function everyDialog(): Promise<WithDialogs[]> {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const admin = await firstAdmin();
  const { number } = await openTicket(rita);
  await act(tina, number, "assign");
  const hook = { url: "http://127.0.0.1:9/hook", description: "Nowhere" };
  const { id } = await call<Schemas["Webhook"]>(admin.token, "POST", "/v1/webhooks", hook);
  const path = `tickets/${number}`;
  const people = [/^Invite a person/, /^Create a service account/];
  const ofButtons = (names: RegExp[]) => names.map((button) => ({ button }));
  return [
    { person: tina, path, openings: [{ key: "e" }, { key: "h" }, { key: "?" }] },
    { person: tina, path: "queue?priority=normal", openings: ofButtons([/^Save view/]) },
    { person: rita, path: "settings?section=tokens", openings: ofButtons([/^Create a token/]) },
    { person: admin, path: "people", openings: ofButtons(people) },
    { person: admin, path: `people/${rita.id}`, openings: ofButtons([/^Deactivate/]) },
    { person: admin, path: "webhooks", openings: ofButtons([/^Create a webhook/]) },
    { person: admin, path: `webhooks/${id}`, openings: ofButtons([/^Edit/]) },
  ];
}

test("every dialog passes axe, light and dark", async () => {
  for (const { person, path, openings } of await everyDialog()) {
    const page = await windowOf(person);
    await open(page, path);
    for (const opening of openings) {
      if ("key" in opening) await page.keyboard.press(opening.key);
      else await page.getByRole("button", { name: opening.button }).first().click();
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      await expectAccessible(page, `a dialog of ${path}`);
      await page.emulateMedia({ colorScheme: "dark" });
      await expectLegible(page, `a dialog of ${path}, dark`);
      await page.emulateMedia({ colorScheme: "light" });
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
    }
    await page.context().close();
  }
}, LONG_MS);

/** Presses Tab until the element with this name has the focus. */
async function tabTo(page: Page, name: string | RegExp, key = "Tab"): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    const focused = page.locator(":focus");
    const label = await focused.evaluateAll(([element]) => {
      const named = element as HTMLInputElement | undefined;
      const labels = named?.labels ? [...named.labels].map((one) => one.textContent) : [];
      return [named?.getAttribute("aria-label"), ...labels, named?.textContent].filter(Boolean).join(" ");
    });
    if (typeof name === "string" ? label.trim().startsWith(name) : name.test(label)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not reach ${name}`);
}

test("the main path works by keyboard alone", async () => {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const title = `Jam ${crypto.randomUUID().slice(0, 8)}`;
  const page = await openWindow();
  await page.goto("/");
  await tabTo(page, "E-mail address");
  await page.keyboard.type(rita.email);
  await tabTo(page, "Password");
  await page.keyboard.type(rita.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "My tickets" }).waitFor();
  await page.keyboard.press("c");
  await page.getByRole("heading", { level: 1, name: "New ticket" }).waitFor();
  await tabTo(page, "Title");
  await page.keyboard.type(title);
  await tabTo(page, "Description");
  await page.keyboard.type("It takes the paper and stops.");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/app\/tickets\/\d+$/);
  const number = Number(page.url().split("/").at(-1));

  const desk = await windowOf(tina, `/app/tickets/${number}`);
  await desk.getByRole("heading", { level: 1, name: title }).waitFor();
  await desk.keyboard.press("t");
  await desk.getByText("You are working on it.").first().waitFor();
  await desk.keyboard.press("r");
  await desk.keyboard.type("Which tray?");
  await desk.keyboard.press("Control+Enter");
  await desk.getByRole("status").filter({ hasText: "Sent" }).waitFor();
  await desk.locator(":focus").blur();
  await desk.keyboard.press("e");
  await desk.getByRole("dialog", { name: "Resolve the ticket" }).waitFor();
  await desk.keyboard.type("The roller is new.");
  await desk.keyboard.press("Control+Enter");
  const status = () => call<Schemas["Ticket"]>(tina.token, "GET", `/v1/tickets/${number}`);
  await eventually(async () => ((await status()).status === "resolved" ? true : undefined));
});

test("a screen reader hears names, roles and what changes", async () => {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const { number } = await openTicket(rita, { title: "Jam" });
  await act(tina, number, "assign");
  const page = await windowOf(tina, `/app/tickets/${number}`);
  await page.getByRole("heading", { level: 1, name: "Jam" }).waitFor();
  await page.getByRole("navigation", { name: "Main navigation" }).waitFor();
  await page.getByRole("main").waitFor();
  await page.getByRole("link", { name: "Skip to content" }).waitFor({ state: "attached" });
  await page.getByRole("region", { name: "Write" }).or(page.getByLabel("Write")).first().waitFor();
  await page.getByRole("tab", { name: "Reply", selected: true }).waitFor();
  await act(rita, number, "comments", { body: "It works again." });
  await lookAgain(page);
  const said = page.getByRole("status").filter({ hasText: /wrote/ });
  await said.first().waitFor({ state: "attached" });
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
});
