import { expect, test, vi } from "vitest";
import { Refused, SignedOut, Unreachable } from "../api/problem";

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("document", { documentElement: {} });
const { reasonOf, whyNotDone } = await import("./failures");
const { speak } = await import("./words.svelte");

const problem = { status: 409, detail: "", errors: [], allowed: [], retryAfter: 0 };
const refused = (slug: string) => new Refused({ slug, ...problem }, new Response());
const failures = [refused("conflict"), refused("unheard-of"), new Unreachable(), new SignedOut()];

test("whatever a person did that failed has a reason, in both languages", async () => {
  for (const language of ["en", "pt-BR"] as const) {
    await speak(language);
    for (const failure of failures) expect(whyNotDone(failure), String(failure)).toMatch(/\.$/);
  }
});

test("what the page read by itself needs none when the dialog asks for the password", async () => {
  await speak("en");
  expect(reasonOf(new SignedOut())).toBe("");
});
