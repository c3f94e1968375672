import type { Component } from "svelte";
import type { Words } from "./words/words.svelte";

/** Who may open a page. Others are led to the sign-in or to their own first page. */
type Audience = "anyone" | "signed-in" | "staff" | "admin";

/** The component of a page. It gets the part of the path that `{id}` stands for, if there is one. */
type Content = Component<{ id: string }> | Component<Record<string, never>>;

export interface Page {
  /** The path. `{id}` stands for one part of it. */
  path: string;
  audience: Audience;
  title: (words: Words) => string;
  load: () => Promise<{ default: Content }>;
}

/** Every page. */
export const PAGES: readonly Page[] = [
  page("/app/sign-in", "anyone", "signIn", () => import("./pages/account/SignIn.svelte")),
  page("/app/register", "anyone", "register", () => import("./pages/account/Register.svelte")),
  page("/app/forgot", "anyone", "forgot", () => import("./pages/account/Forgot.svelte")),
  page("/app/password", "anyone", "password", () => import("./pages/account/Password.svelte")),
  page("/app/queue", "staff", "queue", () => import("./pages/lists/Queue.svelte")),
  page("/app/work", "staff", "work", () => import("./pages/lists/Work.svelte")),
  page("/app/all", "staff", "all", () => import("./pages/lists/All.svelte")),
  page("/app/tickets", "signed-in", "mine", () => import("./pages/lists/Mine.svelte")),
  page("/app/new", "signed-in", "newTicket", () => import("./pages/tickets/NewTicket.svelte")),
  page("/app/tickets/{id}", "signed-in", "ticket", () => import("./pages/tickets/Ticket.svelte")),
  page("/app/history/{id}", "signed-in", "history", () => import("./pages/tickets/History.svelte")),
  page("/app/inbox", "signed-in", "inbox", () => import("./pages/inbox/Inbox.svelte")),
  page("/app/settings", "signed-in", "settings", () => import("./pages/settings/Settings.svelte")),
  page("/app/people", "admin", "people", () => import("./pages/admin/People.svelte")),
  page("/app/people/{id}", "admin", "person", () => import("./pages/admin/Person.svelte")),
  page("/app/webhooks", "admin", "webhooks", () => import("./pages/admin/Webhooks.svelte")),
  page("/app/webhooks/{id}", "admin", "webhook", () => import("./pages/admin/Webhook.svelte")),
  page("/app/audit", "admin", "audit", () => import("./pages/admin/Audit.svelte")),
];

function page(
  path: string,
  audience: Audience,
  title: keyof Words["shell"]["titles"],
  load: Page["load"],
): Page {
  return { path, audience, title: (words) => words.shell.titles[title], load };
}

/** Returns the page of a path and the part that `{id}` stands for, or nothing. */
export function pageOf(path: string): { page: Page; id: string } | undefined {
  const parts = path.split("/");
  for (const page of PAGES) {
    const expected = page.path.split("/");
    const isSame = (part: string, place: number) =>
      part === parts[place] || (part === "{id}" && parts[place] !== "");
    if (expected.length === parts.length && expected.every(isSame)) {
      return { page, id: expected.at(-1) === "{id}" ? parts.at(-1)! : "" };
    }
  }
  return undefined;
}
