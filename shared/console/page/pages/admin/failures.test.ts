import { expect, test, vi } from "vitest";
import { SignedOut } from "../../api/problem";
import { Action } from "../../state/action.svelte";
import { toasts } from "../../ui/toasts.svelte";

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("document", { documentElement: {} });
const { speak } = await import("../../words/words.svelte");
const { tell } = await import("./failures");

test("an admin is told that nothing was done when the session ended", async () => {
  await speak("en");
  const pinging = new Action();
  await pinging.run(() => Promise.reject(new SignedOut()));
  tell(pinging, "Test event sent");
  expect(toasts.map(({ text }) => text)).toEqual([expect.stringContaining("signed out")]);
});
