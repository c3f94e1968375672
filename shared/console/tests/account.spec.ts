// What the pages outside and the settings promise beyond the main path.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { call, eventually, mailedLink, newPerson, PASSWORD } from "./api";
import { expectAccessible, openWindow, refuse, signIn, windowOf } from "./browser";

const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
/** When the page would have asked for the language of the account, in milliseconds. */
const LATER_MS = 2_000;
const PREFERENCES = "**/v1/me/notification-preferences";

test("a wrong password and a wait are said, and what was typed stays", async () => {
  const page = await openWindow();
  await page.goto("/app/sign-in?then=%2Fapp%2Fsettings");
  const rita = await newPerson("Rita");
  await field(page, "E-mail address").fill(rita.email);
  await field(page, "Password").fill("a horse of another colour");
  await button(page, "Sign in").click();
  await page.getByRole("alert").getByText(/incorrect/).waitFor();
  expect(await field(page, "E-mail address").inputValue()).toBe(rita.email);

  await refuse(page, "**/v1/auth/login", "too-many-requests", 429, { "retry-after": "3" });
  await button(page, "Sign in").click();
  await page.getByText(/try again in [123] second/).waitFor();
  await expectAccessible(page, "the wait");
  await page.unroute("**/v1/auth/login");
  await page.getByRole("alert").waitFor({ state: "detached" });
  await field(page, "Password").fill(rita.password);
  await button(page, "Sign in").click();
  await page.waitForURL("**/app/settings");
});

test("who looked for a way in gets to where they wanted to go", async () => {
  const rita = await newPerson("Rita");
  const page = await openWindow();
  await page.goto("/app/settings");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByRole("heading", { name: "Forgot your password?" }).waitFor();
  await page.getByRole("link", { name: "Back to sign-in" }).click();
  await page.getByRole("link", { name: "Create one" }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  await field(page, "E-mail address").fill(rita.email);
  await field(page, "Password").fill(rita.password);
  await button(page, "Sign in").click();
  await page.waitForURL("**/app/settings");
});

test("a person who cannot register is told who can invite them", async () => {
  const page = await openWindow();
  await refuse(page, "**/v1/auth/register", "registration-closed", 403);
  await page.goto("/app/register");
  await field(page, "Your name").fill("Rita");
  await field(page, "E-mail address").fill("rita@example.com");
  await button(page, "Send me the link").click();
  await page.getByRole("heading", { name: "Registration is closed" }).waitFor();
});

test("the token of a mailed link leaves the address at once and works once", async () => {
  const rita = await newPerson("Rita");
  const invitation = await mailedLink(rita.email);
  const page = await openWindow();
  await page.goto("/app/forgot");
  await field(page, "E-mail address").fill(rita.email);
  await button(page, "Send me the link").click();
  await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
  const link = await eventually(async () => {
    const newest = await mailedLink(rita.email);
    return newest === invitation ? undefined : newest;
  });
  const { hash } = new URL(link);

  await page.goto(`/app/password${hash}`);
  await field(page, "New password").fill("password1234");
  expect(page.url()).not.toContain("token");
  await button(page, "Set the password").click();
  await page.getByText(/too common/).waitFor();
  await field(page, "New password").fill("a long walk by the sea");
  await button(page, "Set the password").click();
  await page.getByRole("heading", { name: "Your password is set" }).waitFor();

  const again = await openWindow();
  await again.goto(`/app/password${hash}`);
  await field(again, "New password").fill("a long walk by the sea");
  await button(again, "Set the password").click();
  await again.getByRole("heading", { name: "This link is no longer valid" }).waitFor();
});

test("a preference that is not saved is shown as it was, and can be tried again", async () => {
  const rita = await newPerson("Rita");
  const page = await windowOf(rita, "/app/settings?section=notifications");
  const box = page.getByLabel("Reply: e-mail");
  await box.waitFor();
  await refuse(page, PREFERENCES, "unavailable", 503);
  await box.click();
  await page.getByRole("region", { name: "Messages" }).getByText(/^Not saved/).waitFor();
  expect(await box.isChecked()).toBe(true);
  await page.unroute(PREFERENCES);
  const saved = page.waitForResponse((response) => response.request().method() === "PUT");
  await button(page, "Try again").click();
  expect((await saved).ok()).toBe(true);
  const path = "/v1/me/notification-preferences";
  const stored = await call<{ email: object; inbox: object }>(rita.token, "GET", path);
  expect(stored.email).toMatchObject({ commented: false, resolved: true });
  expect(stored.inbox).toMatchObject({ commented: true });
});

test("an API token is shown once, and does what it may until it is revoked", async () => {
  const rita = await newPerson("Rita");
  const page = await windowOf(rita, "/app/settings?section=tokens");
  await button(page, "Create a token").click();
  const dialog = page.getByRole("dialog", { name: "Create a token" });
  await dialog.getByLabel("Name").fill("Nightly report");
  await dialog.getByLabel("Read tickets").check();
  expect(await dialog.getByLabel("Administer").count()).toBe(0);
  await button(page, "Create").click();
  const token = await field(page, "API token").inputValue();
  await call(token, "GET", "/v1/tickets");

  await page.reload();
  await page.getByText("Nightly report").waitFor();
  expect(await page.content()).not.toContain(token);
  await button(page, "Revoke Nightly report").click();
  await button(page, "Revoke").click();
  await page.getByText("No API tokens").waitFor();
  await expect(call(token, "GET", "/v1/tickets")).rejects.toThrow("401");
});

test("another device is signed out", async () => {
  const rita = await newPerson("Rita");
  const other = await windowOf(rita, "/app/tickets");
  await other.getByRole("heading", { name: "My tickets" }).waitFor();
  const page = await openWindow();
  await signIn(page, rita);
  await page.goto("/app/settings?section=devices");
  await button(page, "Sign out all others").click();
  await page.getByText("You are not signed in anywhere else.").waitFor();
  await other.reload();
  await other.waitForURL("**/app/sign-in?then=**");
});

test("the language of the account is spoken where none was chosen", async () => {
  const rita = await newPerson("Rita");
  const path = "/v1/me/notification-preferences";
  await call(rita.token, "PUT", path, { language: "pt-BR" });
  const page = await windowOf(rita, "/app/settings");
  await page.getByRole("heading", { name: "Configurações" }).waitFor();

  const english = await openWindow();
  await english.goto("/app/sign-in");
  await english.getByText("Português (Brasil)").click();
  await english.getByText("English").click();
  await field(english, "E-mail address").fill(rita.email);
  await field(english, "Password").fill(PASSWORD);
  await button(english, "Sign in").click();
  await english.getByRole("heading", { name: "My tickets" }).waitFor();
  await english.waitForTimeout(LATER_MS);
  expect(await english.getAttribute("html", "lang")).toBe("en");
});
