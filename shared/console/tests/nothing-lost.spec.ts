// Nothing that a person typed is lost, and it is sent once.

import type { Page, Route } from "playwright-core";
import { expect, test } from "vitest";
import { act, call, comments, newPerson, openTicket, type Person, type Schemas } from "./api";
import { endSession, openWindow, refuse, signIn, windowOf } from "./browser";

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const reply = (page: Page) => page.getByRole("textbox", { name: "Reply", exact: true });

/** Opens a ticket of a new requester, with a text that is not sent yet. */
async function writing(text: string) {
  const rita = await newPerson("Rita");
  const { number } = await openTicket(rita);
  const page = await windowOf(rita, `/app/tickets/${number}`);
  await reply(page).fill(text);
  return { rita, number, page };
}

/** Lets the first request to an address arrive, and its answer be lost. */
function loseOneAnswer(page: Page, url: string): Promise<unknown> {
  const lose = async (route: Route) => {
    await route.fetch();
    await route.abort();
  };
  return page.route(url, lose, { times: 1 });
}

test("a text that is sent offline goes out once, when the connection is back", async () => {
  const { rita, number, page } = await writing("It smells of smoke.");
  await page.context().setOffline(true);
  await button(page, "Send reply").click();
  await page.getByText("Not sent yet").waitFor();
  expect(await reply(page).inputValue()).toBe("It smells of smoke.");
  await page.context().setOffline(false);
  await expect.poll(() => reply(page).inputValue()).toBe("");
  expect(await comments(rita, number)).toEqual(["It smells of smoke."]);
});

test("a text whose answer is lost is sent again and written once", async () => {
  const { rita, number, page } = await writing("It smells of smoke.");
  await loseOneAnswer(page, `**/v1/tickets/${number}/comments`);
  await button(page, "Send reply").click();
  await page.getByText("Not sent yet").waitFor();
  await button(page, "Try now").click();
  await expect.poll(() => reply(page).inputValue()).toBe("");
  expect(await comments(rita, number)).toEqual(["It smells of smoke."]);
});

test("a text changed after a lost answer says what was sent before", async () => {
  const { rita, number, page } = await writing("It smells.");
  await loseOneAnswer(page, `**/v1/tickets/${number}/comments`);
  await button(page, "Send reply").click();
  await page.getByText("Not sent yet").waitFor();
  await page.getByLabel("Write").getByRole("button", { name: "Edit" }).click();
  await reply(page).fill("It smells of smoke, on floor 2.");
  await button(page, "Send reply").click();
  await page.getByText("An earlier version of this text was already sent").waitFor();
  expect(await reply(page).inputValue()).toBe("It smells of smoke, on floor 2.");
  expect(await comments(rita, number)).toEqual(["It smells."]);
});

test("a server that fails keeps the text, and a reload sends it once", async () => {
  const { rita, number, page } = await writing("It smells of smoke.");
  await refuse(page, `**/v1/tickets/${number}/comments`, "unavailable", 503);
  await button(page, "Send reply").click();
  await page.getByText("Not sent yet").waitFor();
  await page.unrouteAll();
  await page.reload();
  expect(await reply(page).inputValue()).toBe("It smells of smoke.");
  await button(page, "Send reply").click();
  await expect.poll(() => reply(page).inputValue()).toBe("");
  expect(await comments(rita, number)).toEqual(["It smells of smoke."]);
});

test("a browser that can keep nothing says so at the text, which is sent all the same", async () => {
  const rita = await newPerson("Rita");
  const { number } = await openTicket(rita);
  const page = await openWindow();
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await signIn(page, rita);
  await page.goto(`/app/tickets/${number}`);
  await reply(page).pressSequentially("Smoke.");
  const said = page.getByRole("status").filter({ hasText: "could not save your draft" });
  await said.waitFor();
  expect(await said.count()).toBe(1);
  const [asked] = await Promise.all([
    page.waitForEvent("dialog"),
    page.evaluate(() => void setTimeout(() => location.reload())),
  ]);
  expect(asked.type()).toBe("beforeunload");
  await asked.dismiss();
  expect(await reply(page).inputValue()).toBe("Smoke.");
  await button(page, "Send reply").click();
  await expect.poll(() => reply(page).inputValue()).toBe("");
  expect(await comments(rita, number)).toEqual(["Smoke."]);
  await said.waitFor({ state: "detached" });
});

/** What asks for the password after the session ended. */
const question = (page: Page) => page.getByRole("dialog", { name: "Sign in again" });

async function signInAgain(page: Page, { email, password }: Person): Promise<void> {
  await question(page).getByLabel("E-mail address").fill(email);
  await question(page).getByLabel("Password", { exact: true }).fill(password);
  await question(page).getByRole("button", { name: "Sign in", exact: true }).click();
  await question(page).waitFor({ state: "hidden" });
}

test("a session that ends keeps the page and the text", async () => {
  const { rita, number, page } = await writing("It smells of smoke.");
  await endSession(page);
  await button(page, "Send reply").click();
  await question(page).waitFor();
  await page.unrouteAll();
  await signInAgain(page, rita);
  expect(await reply(page).inputValue()).toBe("It smells of smoke.");
  await button(page, "Send reply").click();
  await expect.poll(() => reply(page).inputValue()).toBe("");
  expect(await comments(rita, number)).toEqual(["It smells of smoke."]);
});

test("a sign-in that is put off can be taken up again, also from within a dialog", async () => {
  const { rita, number, page } = await writing("It smells of smoke.");
  await button(page, "Edit the ticket").click();
  const edit = page.getByRole("dialog", { name: "Edit the ticket" });
  await edit.getByLabel("Title", { exact: true }).fill("Smoke");
  await endSession(page);
  for (let tries = 0; tries < 2; tries += 1) {
    await button(page, "Save").click();
    await question(page).waitFor();
    await page.keyboard.press("Escape");
    await question(page).waitFor({ state: "hidden" });
    expect(await edit.getByLabel("Title", { exact: true }).inputValue()).toBe("Smoke");
  }
  await page.unrouteAll();
  await edit.getByRole("button", { name: "Cancel" }).click();
  await button(page, "Sign in again").click();
  await signInAgain(page, rita);
  expect(await reply(page).inputValue()).toBe("It smells of smoke.");
  await button(page, "Edit the ticket").click();
  await button(page, "Save").click();
  await page.getByRole("heading", { level: 1, name: "Smoke" }).waitFor();
  expect(await comments(rita, number)).toEqual([]);
});

test("a category and tags that are not saved are there after a reload, until they are", async () => {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const { number } = await openTicket(rita);
  const page = await windowOf(tina, `/app/tickets/${number}`);
  await button(page, "Edit: Category").click();
  await page.getByRole("textbox", { name: "Category", exact: true }).fill("Printers");
  await button(page, "Edit: Tags").click();
  await page.getByRole("textbox", { name: "Tags", exact: true }).fill("toner");
  await page.keyboard.press("Enter");
  await page.reload();
  const category = page.getByRole("textbox", { name: "Category", exact: true });
  expect(await category.inputValue()).toBe("Printers");
  await category.press("Enter");
  await button(page, "Edit: Category").waitFor();
  await button(page, "Remove toner").waitFor();
  await button(page, "Save").click();
  await button(page, "Edit: Tags").waitFor();
  const ticket = await call<Schemas["Ticket"]>(tina.token, "GET", `/v1/tickets/${number}`);
  expect([ticket.category, ticket.tags]).toEqual(["Printers", ["toner"]]);
  await page.reload();
  await button(page, "Edit: Category").waitFor();
});

test("a category that another person changed meanwhile is not overwritten unasked", async () => {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const { number } = await openTicket(rita);
  const page = await windowOf(tina, `/app/tickets/${number}`);
  await button(page, "Edit: Category").click();
  const category = page.getByRole("textbox", { name: "Category", exact: true });
  await category.fill("Printers");
  const theirs = { category: "Paper" };
  await call(tina.token, "PATCH", `/v1/tickets/${number}`, theirs, { "if-match": "*" });
  await category.press("Enter");
  await page.getByText(/changed this in the meantime: Category/).waitFor();
  expect(await category.inputValue()).toBe("Printers");
  await button(page, "Keep yours").click();
  await button(page, "Edit: Category").waitFor();
  const ticket = await call<Schemas["Ticket"]>(tina.token, "GET", `/v1/tickets/${number}`);
  expect(ticket.category).toBe("Printers");
});

test("a new ticket is kept until it is opened, for its person alone", async () => {
  const [rita, omar] = await Promise.all([newPerson("Rita"), newPerson("Omar")]);
  const page = await windowOf(rita, "/app/new");
  await page.getByLabel("Title", { exact: true }).fill("Smoke");
  await page.reload();
  expect(await page.getByLabel("Title", { exact: true }).inputValue()).toBe("Smoke");
  await signIn(page, omar);
  await page.goto("/app/new");
  expect(await page.getByLabel("Title", { exact: true }).inputValue()).toBe("");
  await signIn(page, rita);
  await page.goto("/app/new");
  await page.getByLabel("Description", { exact: true }).fill("On floor 2.");
  await button(page, "Open ticket").dblclick();
  await page.waitForURL(/\/app\/tickets\/\d+$/);
  const { items } = await call<Schemas["TicketPage"]>(rita.token, "GET", "/v1/tickets");
  expect(items.map(({ title }) => title)).toEqual(["Smoke"]);
  await page.goto("/app/new");
  expect(await page.getByLabel("Title", { exact: true }).inputValue()).toBe("");
});

test("the requester's answer reopens, and a closed ticket has a follow-up", async () => {
  const [rita, tina] = await Promise.all([newPerson("Rita"), newPerson("Tina", "technician")]);
  const { number } = await openTicket(rita, { title: "Jam" });
  await act(tina, number, "assign");
  await act(tina, number, "resolve", { resolution: "Done." });
  const page = await windowOf(rita, `/app/tickets/${number}`);
  await page.getByText("Your reply reopens the ticket.").waitFor();
  await reply(page).fill("It jams again.");
  await button(page, "Send reply").click();
  await page.getByText(/is working on it/).first().waitFor();
  await act(tina, number, "resolve", { resolution: "Really done." });
  await act(rita, number, "close");
  await page.reload();
  await page.getByRole("link", { name: "Open a follow-up" }).first().click();
  await page.getByLabel("Title", { exact: true }).fill("Jam once more");
  await page.getByLabel("Description", { exact: true }).fill("Since today.");
  await button(page, "Open ticket").click();
  await page.waitForURL((url) => /\/tickets\/\d+$/.test(url.pathname) && !url.pathname.endsWith(`/${number}`));
  await page.getByRole("link", { name: `#${number}` }).first().waitFor();
});
