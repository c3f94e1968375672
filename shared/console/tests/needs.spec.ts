// What people praise and curse in other help desks, each with a test that fails when it breaks. The
// tenth, contrast in light and dark, is in access.spec.ts.

import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { act, call, comments, newPerson, openTicket } from "./api";
import { endSession, lookAgain, signIn, windowOf } from "./browser";

const button = (page: Page | Locator, name: string | RegExp) => page.getByRole("button", { name });
const tab = (page: Page, name: string) => page.getByRole("tab", { name });
const reply = (page: Page) => page.getByRole("textbox", { name: "Reply", exact: true });
const note = (page: Page) => page.getByRole("textbox", { name: "Internal note", exact: true });
const row = (page: Page, number: number) => page.locator(`[data-ticket="${number}"]`);

/** A requester, a technician, and a ticket that the technician works on. */
async function ticketAtWork() {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const { number } = await openTicket(rita);
  await act(tina, number, "assign");
  return { rita, tina, number, path: `/app/tickets/${number}` };
}

/** Opens tickets with a tag of their own, so that a list can show them alone. */
async function taggedTickets(count: number) {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const tag = crypto.randomUUID().slice(0, 8);
  const numbers: number[] = [];
  for (let opened = 0; opened < count; opened += 1) {
    const { number } = await openTicket(rita, { title: `Jam ${opened} ${tag}`, tags: [tag] });
    numbers.push(number);
  }
  return { rita, tina, tag, numbers, path: `/app/queue?tag=${tag}` };
}

test("1: an unsent text survives a reload, a sign-out and another person's change", async () => {
  const { rita, tina, number, path } = await ticketAtWork();
  const page = await windowOf(tina, path);
  await reply(page).fill("Did you try the other tray?");
  await page.reload();
  expect(await reply(page).inputValue()).toBe("Did you try the other tray?");

  await act(rita, number, "comments", { body: "It stopped by itself." });
  await lookAgain(page);
  await page.getByText("It stopped by itself.").first().waitFor();
  expect(await reply(page).inputValue()).toBe("Did you try the other tray?");

  await button(page, /your account/).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, tina);
  await page.goto(path);
  expect(await reply(page).inputValue()).toBe("Did you try the other tray?");
});

test("2: a reply and a note cannot be mistaken for each other", async () => {
  const { tina, number, path } = await ticketAtWork();
  const page = await windowOf(tina, path);
  await reply(page).fill("For Rita");
  const background = () =>
    reply(page)
      .or(note(page))
      .evaluate((box) => getComputedStyle(box.closest("section")!).backgroundColor);
  const ofReply = await background();
  await page.getByText("sees this").waitFor();
  await button(page, "Send reply").waitFor();

  await tab(page, "Internal note").click();
  expect(await note(page).inputValue()).toBe("");
  expect(await background()).not.toBe(ofReply);
  await page.getByText("only staff see this").waitFor();
  expect(await button(page, "Send reply").count()).toBe(0);
  await note(page).fill("For us alone");
  await button(page, "Save note").click();
  await page.getByText("For us alone").first().waitFor();
  await tab(page, "Reply").click();
  expect(await reply(page).inputValue()).toBe("For Rita");
  expect(await comments(tina, number)).toEqual([]);
});

test("2: a note that was begun stays a note when the ticket is taken", async () => {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const { number } = await openTicket(rita);
  const page = await windowOf(tina, `/app/tickets/${number}`);
  await note(page).focus();
  await page.keyboard.type("For us ");
  await act(tina, number, "assign");
  await lookAgain(page);
  await tab(page, "Reply").waitFor();
  await page.keyboard.type("alone");
  expect(await note(page).inputValue()).toBe("For us alone");
  await button(page, "Save note").waitFor();
});

test("3: another person's change is shown before a text is sent, and the text is kept", async () => {
  const { rita, tina, number, path } = await ticketAtWork();
  const page = await windowOf(tina, path);
  await reply(page).fill("I order a new roller.");
  await act(rita, number, "comments", { body: "It works again!" });
  await button(page, "Send reply").click();
  await page.getByText(/wrote while you were writing/).waitFor();
  await page.getByText("It works again!").first().waitFor();
  expect(await reply(page).inputValue()).toBe("I order a new roller.");
  expect(await comments(tina, number)).toEqual(["It works again!"]);
  await button(page, "Send anyway").click();
  await expect.poll(() => comments(tina, number)).toEqual(["It works again!", "I order a new roller."]);
  await expect.poll(() => reply(page).inputValue()).toBe("");
});

test("3: two edits of one field are shown side by side", async () => {
  const { tina, number, path } = await ticketAtWork();
  const page = await windowOf(tina, path);
  await button(page, "More actions").click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill("Mine");
  const changed = { title: "Theirs" };
  await call(tina.token, "PATCH", `/v1/tickets/${number}`, changed, { "if-match": "*" });
  await button(dialog, "Save").click();
  await dialog.getByText("Someone else changed this ticket, too").waitFor();
  await dialog.getByText("Theirs", { exact: true }).first().waitFor();
  await dialog.getByText("Keep yours").click();
  await button(dialog, "Save").click();
  await page.getByRole("heading", { name: "Mine" }).waitFor();
});

test("4: filters, sort and page are in the address and survive Back", async () => {
  const { tina, tag, numbers, path } = await taggedTickets(2);
  const page = await windowOf(tina, path);
  await row(page, numbers[0]!).waitFor();
  expect(await page.locator("[data-ticket]").count()).toBe(2);
  await page.getByRole("columnheader", { name: "Title" }).getByRole("link").click();
  await expect.poll(() => new URL(page.url()).searchParams.get("sort")).toBe("title");
  await page.getByRole("link", { name: `Jam 1 ${tag}` }).click();
  await page.waitForURL("**/app/tickets/*");
  await page.goBack();
  await row(page, numbers[1]!).waitFor();
  const query = new URL(page.url()).searchParams;
  expect([query.get("tag"), query.get("sort")]).toEqual([tag, "title"]);
  expect(await page.locator("[data-ticket]").count()).toBe(2);
});

test("4: a value that cannot be filtered by is said, and what was typed stays", async () => {
  const page = await windowOf(await newPerson("Tina", "technician"), "/app/all?priority=5");
  await page.getByText("The list is not filtered by Priority").waitFor();
  await button(page, "Filter").click();
  const category = page.getByLabel("Category", { exact: true });
  await category.fill("c".repeat(51));
  await category.press("Tab");
  await page.getByText("Use at most 50 characters.").waitFor();
  expect(await category.inputValue()).toBe("c".repeat(51));
  await category.fill("c".repeat(50));
  await category.press("Tab");
  await page.waitForURL("**/app/all?category=ccc*");
  expect(await page.getByText("The list is not filtered").count()).toBe(0);
});

test("4: what is said of a value goes with it when the filter is another one", async () => {
  const page = await windowOf(await newPerson("Tina", "technician"), "/app/all");
  await button(page, "Filter").click();
  const category = page.getByLabel("Category", { exact: true });
  await category.fill("Printers");
  await category.press("Tab");
  await page.waitForURL("**/app/all?category=Printers");
  await category.fill("c".repeat(51));
  await category.press("Tab");
  const said = page.getByText("Use at most 50 characters.");
  await said.waitFor();
  await page.getByRole("combobox", { name: "Priority" }).selectOption("high");
  await page.waitForURL("**/app/all?*priority=high*");
  expect(await said.count()).toBe(1);
  await page.goBack();
  await page.goBack();
  await said.waitFor({ state: "hidden" });
  expect(await category.inputValue()).toBe("");
});

test("5: what arrives disturbs neither selection nor focus nor scroll", async () => {
  const { rita, tina, tag, numbers, path } = await taggedTickets(30);
  const page = await windowOf(tina, path, { height: 500 });
  const chosen = row(page, numbers[20]!);
  await chosen.getByRole("checkbox").check();
  const before = {
    scroll: await page.evaluate(() => scrollY),
    top: (await chosen.boundingBox())!.y,
  };
  expect(before.scroll).toBeGreaterThan(0);
  const priority = "urgent" as const;
  const { number } = await openTicket(rita, { title: "New", tags: [tag], priority });
  await lookAgain(page);
  await page.getByText("1 new ticket").waitFor();
  expect(await row(page, number).count()).toBe(0);
  expect(await chosen.getByRole("checkbox").isChecked()).toBe(true);
  expect(await chosen.getByRole("checkbox").evaluate((box) => box === document.activeElement)).toBe(true);
  expect(await page.evaluate(() => scrollY)).toBe(before.scroll);
  expect((await chosen.boundingBox())!.y).toBe(before.top);
  await button(page, "Show").click();
  await row(page, number).waitFor();
  expect(await chosen.getByRole("checkbox").isChecked()).toBe(true);
});

test("6: keys work in the list and on the ticket, and are silent where people type", async () => {
  const { tina, numbers, path } = await taggedTickets(3);
  const page = await windowOf(tina, path);
  await row(page, numbers[0]!).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/app/tickets/${numbers[0]}`);
  await page.getByRole("heading", { name: /Jam 0/ }).waitFor();
  await page.keyboard.press("j");
  await page.waitForURL(`**/app/tickets/${numbers[1]}`);
  await page.getByRole("heading", { name: /Jam 1/ }).waitFor();
  await page.keyboard.press("t");
  await page.getByText("You are working on it.").first().waitFor();
  await page.keyboard.press("r");
  await page.keyboard.type("jkteru?");
  expect(await reply(page).inputValue()).toBe("jkteru?");
  await reply(page).fill("");
  await reply(page).blur();
  await page.keyboard.press("n");
  expect(await note(page).evaluate((box) => box === document.activeElement)).toBe(true);
  await note(page).blur();
  await page.keyboard.press("e");
  await page.getByRole("dialog", { name: "Resolve the ticket" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("u");
  await page.waitForURL("**/app/queue?*");
});

test("7: Ctrl+Enter sends, Enter never does", async () => {
  const { tina, number, path } = await ticketAtWork();
  const page = await windowOf(tina, path);
  await reply(page).fill("One");
  await reply(page).press("Enter");
  await reply(page).pressSequentially("Two");
  expect(await reply(page).inputValue()).toBe("One\nTwo");
  await reply(page).press("Control+Enter");
  await expect.poll(() => comments(tina, number)).toEqual(["One\nTwo"]);
});

test("8: many tickets are taken at once, with a result for each", async () => {
  const { tina, numbers, path } = await taggedTickets(3);
  const omar = await newPerson("Omar", "technician");
  const page = await windowOf(tina, path);
  for (const number of numbers) await row(page, number).getByRole("checkbox").check();
  await page.getByRole("columnheader", { name: "Title" }).getByRole("link").click();
  await page.getByText("3 selected").waitFor();
  await act(omar, numbers[1]!, "assign");
  await button(page, /^Take \(3\)/).click();
  const results = page.getByRole("region", { name: "Results" });
  await results.getByText("2 tickets taken, 1 failed").waitFor();
  expect(await results.getByRole("listitem").count()).toBe(3);
  await results.getByRole("listitem").filter({ hasText: `#${numbers[1]}` }).getByText("Failed").waitFor();
});

test("8: each ticket says why nothing was done with it, also when the session has ended", async () => {
  const { tina, numbers, path } = await taggedTickets(2);
  const page = await windowOf(tina, path);
  for (const number of numbers) await row(page, number).getByRole("checkbox").check();
  await endSession(page);
  await button(page, /^Take \(2\)/).click();
  const results = page.getByRole("region", { name: "Results", includeHidden: true });
  const reasons = results.getByText("You were signed out before this was done");
  await expect.poll(() => reasons.count()).toBe(2);
});

test("9: filters are saved under a name", async () => {
  const { tina, tag, numbers, path } = await taggedTickets(1);
  const page = await windowOf(tina, path);
  await button(page, "Save view").click();
  await page.getByRole("dialog").getByLabel("Name").fill("Jams");
  await button(page.getByRole("dialog"), "Save").click();
  await page.goto("/app/queue");
  await page.getByRole("link", { name: "Jams" }).click();
  await row(page, numbers[0]!).waitFor();
  expect(new URL(page.url()).searchParams.get("tag")).toBe(tag);
});
