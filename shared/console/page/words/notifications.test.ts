import { beforeAll, expect, test, vi } from "vitest";
import type { Schemas } from "../api/client";

type Notification = Parameters<typeof import("./notifications").sentenceOf>[0];

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("document", { documentElement: {} });
const { partsOf, sentenceOf } = await import("./notifications");
const { speak, t } = await import("./words.svelte");

beforeAll(() => speak("en"));

function about(
  type: Schemas["NotificationEventType"],
  reason: Schemas["Reason"],
  actor: Partial<Schemas["Person"]> = {},
): Notification {
  const tina: Schemas["Person"] = { id: "1", name: "Tina", role: "technician", ...actor };
  const at = "2026-01-15T10:02:31.907Z";
  return { event: { type, ticket: 7, title: "Printer on fire", actor: tina, at }, reason };
}

/** Without the invisible characters. */
const plain = (notification: Notification) => sentenceOf(notification).replace(/[\u2068\u2069]/g, "");

test("a sentence says who did what to which ticket", () => {
  expect(plain(about("commented", "requester"))).toBe("Tina commented on “Printer on fire”");
  expect(plain(about("assigned", "assigned"))).toBe("Tina assigned “Printer on fire” to you");
});

test("the reason can make it another sentence", () => {
  expect(plain(about("opened", "new_ticket"))).toBe("Tina opened “Printer on fire”");
  expect(plain(about("opened", "requester"))).toBe("Tina opened “Printer on fire” for you");
  expect(plain(about("released", "requester"))).toBe("“Printer on fire” is back in the queue");
});

test("the help desk has its name in the language of the page", async () => {
  const closed = about("closed", "requester", { name: "Help desk", role: "system" });
  expect(plain(closed)).toBe("The help desk closed “Printer on fire”");
  await speak("pt-BR");
  expect(plain(closed)).toBe("O help desk fechou “Printer on fire”");
  await speak("en");
});

test("every type has a sentence with all of its parts in both languages", async () => {
  for (const language of ["en", "pt-BR"] as const) {
    await speak(language);
    for (const sentence of Object.values({ ...t().inbox.sentences, ...t().inbox.special })) {
      expect(sentence).toContain("{what}");
      expect(sentence.replace(/\{wh(o|at)\}/g, "")).not.toMatch(/[{}]/);
    }
  }
  await speak("en");
});

test("the words of people are kept apart, and turn nothing around them", () => {
  const hostile = about("commented", "requester", { name: "{what} \u202e" });
  expect(partsOf(hostile)).toEqual([
    { kind: "who", text: "{what} \u202e" },
    { kind: "words", text: " commented on " },
    { kind: "what", text: "Printer on fire" },
  ]);
  expect(sentenceOf(hostile)).toMatch(/^\u2068\{what\} \u202e\u2069 commented on “\u2068/);
});
