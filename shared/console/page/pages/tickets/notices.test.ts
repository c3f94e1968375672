import type { Component } from "svelte";
import { render } from "svelte/server";
import { expect, test, vi } from "vitest";
import { Refused } from "../../api/problem";

vi.stubGlobal("navigator", { onLine: true, languages: ["en"] });
vi.stubGlobal("document", { documentElement: {} });
vi.stubGlobal("addEventListener", () => {});
vi.stubGlobal("location", new URL("https://desk.test/app/tickets/7"));
vi.mock("../../state/router.svelte", () => ({ router: {} }));

const { speak } = await import("../../words/words.svelte");
const { default: NotSentYet } = await import("./NotSentYet.svelte");
const { default: EditNotices } = await import("./EditNotices.svelte");
const { default: Notices } = await import("./Notices.svelte");

const refusal = new Refused(
  { slug: "ticket-closed", status: 409, detail: "", errors: [], allowed: [], retryAfter: 0 },
  new Response(null, { status: 409 }),
);

await speak("en");

/** Returns what is said at a text that was not sent. */
function said(notices: unknown, state: "waiting" | "refused", isKept: boolean): string {
  const sending = { state, failure: refusal, isKept };
  const text = { draft: { isKept }, sending, body: "It jams", missed: [] };
  const props = { sending, editing: text, writing: text, onreturn: () => {} };
  return render(notices as Component<typeof props>, { props }).body;
}

test.each([
  ["a reply that waits", Notices, "waiting"],
  ["a reply that was refused", Notices, "refused"],
  ["an edit that waits", EditNotices, "waiting"],
  ["an edit that was refused", EditNotices, "refused"],
  ["a new ticket that waits", NotSentYet, "waiting"],
] as const)("%s is said to be saved only if the browser has it", (_, notices, state) => {
  expect(said(notices, state, true)).toContain("Your text is saved.");
  expect(said(notices, state, false)).not.toContain("Your text is saved.");
});
