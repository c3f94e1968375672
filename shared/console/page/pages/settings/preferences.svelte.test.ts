import { expect, test, vi } from "vitest";
import { SignedOut } from "../../api/problem";
import { toasts } from "../../ui/toasts.svelte";
import type { Preferences } from "./kinds";

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("document", { documentElement: {} });
vi.mock("../../api/session.svelte", () => ({ session: {} }));
vi.mock("../../api/client", () => ({
  api: { PUT: () => {} },
  answered: () => Promise.reject(new SignedOut()),
}));
const { speak } = await import("../../words/words.svelte");
const { SavedPreferences } = await import("./preferences.svelte");

test("a preference that is not saved because the session ended says so", async () => {
  await speak("en");
  const before = {} as Preferences;
  const preferences = new SavedPreferences(before, (reason) => `Not saved. ${reason}`);
  await preferences.change((shown) => ({ ...shown }));
  expect(preferences.shown).toBe(before);
  expect(toasts[0]?.text).toMatch(/^Not saved\. You were signed out/);
});
