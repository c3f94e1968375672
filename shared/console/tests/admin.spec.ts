// What admins do: people, service accounts, webhooks and the audit.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, firstAdmin, mailedLink, newPerson, type Schemas } from "./api";
import { expectAccessible, windowOf } from "./browser";

const button = (page: Page | Locator, name: string) => page.getByRole("button", { name, exact: true });
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });

/** Receives events, and answers with the status that ends its path. */
const receiver = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(Number(request.url!.split("/").at(-1))).end();
  });
});
let receiverUrl = "";

beforeAll(async () => {
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready));
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});

afterAll(() => receiver.close());

async function newWebhook(path: string): Promise<string> {
  const { token } = await firstAdmin();
  const body = { url: `${receiverUrl}${path}` };
  return (await call<Schemas["Webhook"]>(token, "POST", "/v1/webhooks", body)).id;
}

test("an admin invites a person, and what was typed survives a refusal and a reload", async () => {
  const taken = await newPerson("Tom");
  const unique = crypto.randomUUID().slice(0, 8);
  const page = await windowOf(await firstAdmin(), "/app/people");
  await button(page, "Invite a person").click();
  const form = dialog(page, "Invite a person");
  await form.getByLabel("Name").fill(`Nora ${unique}`);
  await form.getByLabel("E-mail address").fill(taken.email);
  await button(form, "Invite").click();
  await form.getByText("Another account has this address.").waitFor();
  await expectAccessible(page, "a refused invitation");

  await page.reload();
  await button(page, "Invite a person").click();
  expect(await form.getByLabel("Name").inputValue()).toBe(`Nora ${unique}`);
  await form.getByLabel("E-mail address").fill(`${unique}@example.com`);
  await button(form, "Invite").click();
  await form.waitFor({ state: "hidden" });
  expect(await mailedLink(`${unique}@example.com`)).toContain("#token=");

  await page.getByLabel("E-mail address").fill(`${unique}@example.com`);
  await button(page, "Find").click();
  await page.waitForURL(`**/app/people?email=${unique}%40example.com`);
  await page.getByRole("link", { name: `Nora ${unique}`, exact: true }).click();
  await heading(page, `Nora ${unique}`).waitFor();
  await page.getByText("This person has not accepted the invitation yet.").waitFor();
});

test("an admin changes a role, deactivates and activates, and the audit says it", async () => {
  const tina = await newPerson("Tina", "technician");
  const page = await windowOf(await firstAdmin(), `/app/people/${tina.id}`);
  await page.getByRole("combobox", { name: "Role" }).selectOption("user");
  await button(page, "Change the role").click();
  const role = dialog(page, `Change the role of ${tina.name}?`);
  await role.getByText("Their tickets in progress go back to the queue").waitFor();
  await button(role, "Change the role").click();
  const audit = page.getByRole("region", { name: "What was done to this account" });
  await audit.getByText("from technician to user.").waitFor();

  await button(page, "Deactivate").click();
  await expectAccessible(page, "the question before a deactivation");
  await button(dialog(page, `Deactivate ${tina.name}?`), "Deactivate").click();
  await button(page, "Activate").click();
  await audit.getByText("again.").waitFor();
  expect(await audit.getByRole("listitem").count()).toBeGreaterThanOrEqual(5);
});

test("a name that is being typed stays when the account is read again", async () => {
  const [admin, tina] = await Promise.all([firstAdmin(), newPerson("Tina", "technician")]);
  const [mine, theirs] = [`${tina.name} mine`, `${tina.name} theirs`];
  const page = await windowOf(admin, `/app/people/${tina.id}`);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  const setRole = async (role: string, title: string) => {
    await page.getByRole("combobox", { name: "Role" }).selectOption(role);
    await button(page, "Change the role").click();
    const question = dialog(page, `Change the role of ${title}?`);
    await button(question, "Change the role").click();
    await question.waitFor({ state: "hidden" });
  };
  await name.fill(mine);
  await setRole("user", tina.name);
  expect(await name.inputValue()).toBe(mine);

  await call(admin.token, "PATCH", `/v1/users/${tina.id}`, { name: theirs });
  await setRole("technician", tina.name);
  await page.getByText("The name was changed in the meantime").waitFor();
  expect(await button(page, "Save").isDisabled()).toBe(true);
  await expectAccessible(page, "a name that was changed meanwhile");
  await button(page, "Keep yours").click();
  expect(await name.inputValue()).toBe(mine);
  await button(page, "Save").click();
  await heading(page, mine).waitFor();
});

test("a token of a service account is shown once, and can be revoked", async () => {
  const name = `Robot ${crypto.randomUUID().slice(0, 8)}`;
  const page = await windowOf(await firstAdmin(), "/app/people");
  await button(page, "Create a service account").click();
  const account = dialog(page, "Create a service account");
  await account.getByLabel("Name").fill(name);
  await button(account, "Create").click();
  await heading(page, name).waitFor();

  await button(page, "Create a token").click();
  const token = dialog(page, "Create a token");
  await token.getByRole("textbox", { name: "Name" }).fill("Mailbox");
  await token.getByRole("checkbox", { name: "Act for people" }).check();
  await button(token, "Create").click();
  const made = dialog(page, "The token “Mailbox” was created");
  expect(await made.getByRole("textbox").inputValue()).toMatch(/^hd_/);
  await button(made, "Done").click();

  await button(page, "Revoke Mailbox").click();
  await button(dialog(page, "Revoke the token “Mailbox”?"), "Revoke").click();
  await page.getByText("No API tokens").waitFor();
});

test("a test event appears among the deliveries, and can be posted again", async () => {
  const page = await windowOf(await firstAdmin(), "/app/webhooks");
  await button(page, "Create a webhook").first().click();
  const form = dialog(page, "Create a webhook");
  await form.getByLabel("URL").fill(`${receiverUrl}/204`);
  await button(form, "Create").click();
  const made = dialog(page, "The webhook was created");
  expect(await made.getByRole("textbox").inputValue()).toMatch(/^whsec_/);
  await made.getByRole("link", { name: "Open the webhook" }).click();

  await button(page, "Send a test").click();
  const delivery = page.getByRole("group").filter({ hasText: "Test event" });
  await delivery.getByText("Delivered").click();
  await delivery.getByText("Status 204").waitFor();
  await button(delivery, "Post again").click();
  await delivery.getByText("2 attempts").waitFor();
  await button(delivery, "Post again").waitFor();
  await expectAccessible(page, "a delivery");
});

test("a webhook says why it is off, and can be switched on", async () => {
  const page = await windowOf(await firstAdmin(), `/app/webhooks/${await newWebhook("/410")}`);
  await button(page, "Send a test").click();
  await page.getByText("Its receiver responded with 410").waitFor();
  const posts = page.getByRole("switch", { name: "Post events" });
  expect(await posts.isChecked()).toBe(false);
  await posts.click();
  await page.getByText("This webhook is switched off").waitFor({ state: "detached" });

  await button(page, "More actions").click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await button(dialog(page, /^Delete the webhook/), "Delete").click();
  await page.waitForURL("**/app/webhooks");
});

test("the audit is read page by page, forth and back", async () => {
  const admin = await firstAdmin();
  for (let made = 0; made < 26; made += 1) await newWebhook(`/${made}`).then((id) => remove(id));
  const page = await windowOf(admin, "/app/audit");
  await page.getByRole("listitem").first().waitFor();
  await page.getByRole("link", { name: "Next", exact: true }).click();
  await page.getByText("Page 2").waitFor();
  await page.waitForURL("**/app/audit?cursor=*");
  await page.getByRole("link", { name: "Previous", exact: true }).click();
  await page.getByText("Page 1").waitFor();

  async function remove(id: string) {
    await call(admin.token, "DELETE", `/v1/webhooks/${id}`);
  }
});
