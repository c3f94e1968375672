// Every page of the console, with a person that may see it.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { act, call, firstAdmin, newPerson, openTicket, type Person, type Schemas } from "./api";

/** Returns the paths below `/app/`, by the person that opens them, or by no one. */
export async function everyPage(): Promise<[Person | undefined, string[]][]> {
  const [rita, tina, admin] = await Promise.all([
    newPerson("Rita"),
    newPerson("Tina", "technician"),
    firstAdmin(),
  ]);
  const { number } = await openTicket(rita, { title: "W".repeat(150), tags: ["a".repeat(30)] });
  await act(tina, number, "assign");
  await act(tina, number, "comments", { body: "W".repeat(200) });
  await act(tina, number, "notes", { body: "For us." });
  const resolved = (await openTicket(rita)).number;
  await act(tina, resolved, "assign");
  await act(tina, resolved, "resolve", { resolution: "Done." });
  const hook = { url: "http://127.0.0.1:9/hook", description: "Nowhere" };
  const { id } = await call<Schemas["Webhook"]>(admin.token, "POST", "/v1/webhooks", hook);
  const settings = ["profile", "password", "devices", "notifications", "tokens", "appearance"];
  return [
    [undefined, ["sign-in", "register", "forgot", "password", "password#token=x"]],
    [rita, ["tickets", "new", `tickets/${number}`, `tickets/${resolved}`, "inbox", "inbox?unread=true", "nothing"]],
    [rita, settings.map((section) => `settings?section=${section}`)],
    [tina, ["queue", "work", "all", `tickets/${number}`, `history/${number}`, "new"]],
    [admin, ["people", `people/${tina.id}`, "webhooks", `webhooks/${id}`, "audit"]],
  ];
}

/** Opens a page and waits until it has what it asked for. Only `nothing` may have no page. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(`/app/${path}`);
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true]"));
  const isMissing = await page.getByRole("heading", { name: "Page not found" }).isVisible();
  expect(isMissing, path).toBe(path === "nothing");
}
