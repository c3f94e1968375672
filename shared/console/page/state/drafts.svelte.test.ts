import { beforeEach, expect, test, vi } from "vitest";
import { Draft } from "./drafts.svelte";
import { unkept } from "./unkept.svelte";

const kept = new Map<string, string>();
let isFull = false;
const listeners = new Set<(event: unknown) => void>();
const asking = new Set<(event: unknown) => void>();
const listenersOf = (type: string) => (type === "beforeunload" ? asking : listeners);

vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => {
    if (isFull) throw new DOMException("full", "QuotaExceededError");
    kept.set(key, value);
  },
  removeItem: (key: string) => kept.delete(key),
});
vi.stubGlobal("addEventListener", (type: string, listen: () => void) => {
  listenersOf(type).add(listen);
});
vi.stubGlobal("removeEventListener", (type: string, listen: () => void) => {
  listenersOf(type).delete(listen);
});

beforeEach(() => {
  unkept.delete("draft/rita/ticket/7/reply");
  kept.clear();
  isFull = false;
});

const open = (account = "rita", place = "ticket/7/reply") =>
  new Draft(account, place, { body: "" });

test("what was typed is there after a reload, with the same key", () => {
  const draft = open();
  draft.set({ body: "It jams" });
  const again = open();
  expect(again.fields).toEqual({ body: "It jams" });
  expect(again.key).toBe(draft.key);
});

test("the key stays while the text grows, and is another one for the next text", () => {
  const draft = open();
  draft.set({ body: "It" });
  const { key } = draft;
  draft.set({ body: "It jams" });
  expect(draft.key).toBe(key);
  draft.discard();
  draft.set({ body: "Another text" });
  expect(draft.key).not.toBe(key);
});

test("drafts of other places and other people are apart", () => {
  open().set({ body: "a reply" });
  expect(open("rita", "ticket/7/note").fields.body).toBe("");
  expect(open("tina").fields.body).toBe("");
});

test("an emptied text leaves nothing behind", () => {
  const draft = open();
  draft.set({ body: "It jams" });
  draft.set({ body: "" });
  expect(draft.isEmpty).toBe(true);
  expect(kept.size).toBe(0);
});

test("a field that was added later gets its first value", () => {
  open().set({ body: "It jams" });
  const draft = new Draft("rita", "ticket/7/reply", { body: "", mark: "none" });
  expect(draft.fields).toEqual({ body: "It jams", mark: "none" });
});

test("a full browser does not stop the typing, and is known not to keep it", () => {
  const draft = open();
  draft.set({ body: "It" });
  expect(draft.isKept).toBe(true);
  isFull = true;
  draft.set({ body: "It jams" });
  expect(draft.fields.body).toBe("It jams");
  expect(draft.isKept).toBe(false);
  isFull = false;
  draft.set({ body: "It jams." });
  expect(draft.isKept).toBe(true);
  expect(open().fields.body).toBe("It jams.");
});

/** Says whether the browser asks before the page is left. */
function asks(): boolean {
  const preventDefault = vi.fn();
  for (const ask of asking) ask({ preventDefault });
  return preventDefault.mock.calls.length > 0;
}

test("a text that the browser cannot keep is there again on the way back, with its key", () => {
  const draft = open();
  draft.set({ body: "It" });
  isFull = true;
  draft.set({ body: "It jams" });
  const again = open();
  expect(again.fields.body).toBe("It jams");
  expect(again.key).toBe(draft.key);
  expect(again.isKept).toBe(false);
});

test("the browser asks before the page is left while a text is not kept, wherever it is", () => {
  const [reply, note] = [open(), open("rita", "ticket/7/note")];
  reply.set({ body: "It jams" });
  expect(asks()).toBe(false);
  isFull = true;
  reply.set({ body: "It jams and smokes" });
  note.set({ body: "Old drum" });
  note.discard();
  expect(asks()).toBe(true);
  open().discard();
  expect(asks()).toBe(false);
  expect(open().fields.body).toBe("");
});

test("a text that is not kept does not give way to what another tab keeps", () => {
  const draft = open();
  const end = draft.follow();
  isFull = true;
  draft.set({ body: "It jams" });
  kept.set("draft/rita/ticket/7/reply", '{"fields":{"body":"from the other tab"},"key":"k"}');
  for (const listen of listeners) listen({ key: "draft/rita/ticket/7/reply" });
  expect(draft.fields.body).toBe("It jams");
  end();
});

test("nothing is left to keep when a text that was not kept is sent", () => {
  const draft = open();
  isFull = true;
  draft.set({ body: "It jams" });
  draft.sent(draft.fields);
  expect(draft.isKept).toBe(true);
});

test("what was typed on elsewhere while a text was sent stays, as another text", () => {
  const [sending, other] = [open(), open()];
  sending.set({ body: "It jams" });
  const { fields, key } = sending;
  other.set({ body: "It jams and smokes" });
  sending.sent(fields);
  expect(open().fields.body).toBe("It jams and smokes");
  expect(open().key).not.toBe(key);
});

test("a text that was discarded elsewhere while it was sent does not come back", () => {
  const draft = open();
  draft.set({ body: "It jams" });
  const { fields } = draft;
  draft.set({ body: "It jams and smokes" });
  open().discard();
  draft.sent(fields);
  expect(draft.isEmpty).toBe(true);
  expect(kept.size).toBe(0);
});

test("what another tab types is shown, until it is followed no more", () => {
  const draft = open();
  const end = draft.follow();
  open().set({ body: "from the other tab" });
  for (const listen of listeners) listen({ key: "draft/rita/ticket/7/reply" });
  expect(draft.fields.body).toBe("from the other tab");
  end();
  expect(listeners.size).toBe(0);
});

test("a new key is for the same text", () => {
  const draft = open();
  draft.set({ body: "It jams" });
  const { key } = draft;
  draft.renewKey();
  expect(open().key).not.toBe(key);
  expect(open().fields.body).toBe("It jams");
});
