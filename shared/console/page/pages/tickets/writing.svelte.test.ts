import { beforeEach, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../../api/problem";
import type { OpenTicket } from "../../state/tickets.svelte";
import { lastSeq, type Item } from "../../state/timeline";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
vi.stubGlobal("addEventListener", () => {});
vi.stubGlobal("removeEventListener", () => {});
vi.mock("../../api/session.svelte", () => ({ session: { me: { id: "tina" } } }));
const router = vi.hoisted(() => ({ path: "/app/tickets/7" }));
vi.mock("../../state/router.svelte", () => ({ router }));
const toast = vi.hoisted(() => vi.fn());
vi.mock("../../ui/toasts.svelte", () => ({ toast }));
vi.mock("../../words/words.svelte", () => ({
  t: () => ({ tickets: { sentElsewhere: (number: number) => `sent ${number}` } }),
}));
const sendText = vi.hoisted(() => vi.fn());
vi.mock("./requests", () => ({ sendText }));

const { Writing, writingOf } = await import("./writing.svelte");

const people = {
  tina: { id: "tina", name: "Tina", role: "technician" },
  rita: { id: "rita", name: "Rita", role: "user" },
} as const;

function comment(seq: number, author: keyof typeof people, body = "x"): Item {
  const fields = { ticket: 7, author: people[author], via: null, body, created_at: `T${seq}` };
  return { kind: "comment", id: `c${seq}`, seq, ...fields };
}

/** The ticket as the page has read it. `arrived` is there with the next refresh. */
class FakeTicket {
  number = 7;
  items: Item[] = [comment(1, "rita")];
  arrived: Item[] = [];
  acknowledge = vi.fn();
  refresh = vi.fn(async () => {
    this.items = [...this.items, ...this.arrived];
    this.arrived = [];
  });
  replace = vi.fn(async () => {});
  get seen(): string {
    return `"${lastSeq(this.items)}"`;
  }
}

let ticket: FakeTicket;
const open = (kind: "reply" | "note" | "close" | "resolve" = "reply") =>
  new Writing(ticket as unknown as OpenTicket, kind);

function refused(status: number, slug: string): Refused {
  const problem = { slug, status, detail: "", errors: [], allowed: [], retryAfter: 0 };
  return new Refused(problem, new Response(null, { status }));
}

/** Returns the version and the key of each request. */
const sent = () => sendText.mock.calls.map(([, , text, conditions]) => ({ text, ...conditions }));

beforeEach(() => {
  kept.clear();
  ticket = new FakeTicket();
  sendText.mockReset().mockResolvedValue({});
  toast.mockReset();
  router.path = "/app/tickets/7";
});

test("a text is sent on the version that the writer has seen, and is gone then", async () => {
  const writing = open();
  writing.body = "Which tray?";
  expect(await writing.send()).toBe(true);
  expect(sendText).toHaveBeenCalledWith(7, "reply", "Which tray?", expect.anything());
  expect(sent()[0]!.seen).toBe('"1"');
  expect(writing.body).toBe("");
  expect(ticket.refresh).toHaveBeenCalled();
});

test("a reply and a note are two texts", () => {
  const [reply, note] = [open("reply"), open("note")];
  note.body = "between us";
  expect(reply.body).toBe("");
  expect(open("note").body).toBe("between us");
});

test("what others wrote meanwhile is shown, and sent is only then", async () => {
  const writing = open();
  writing.body = "Which tray?";
  ticket.arrived = [comment(2, "rita", "Tray 2")];
  sendText.mockRejectedValueOnce(refused(412, "precondition-failed"));
  expect(await writing.send()).toBe(false);
  expect(writing.missed.map((item) => item.id)).toEqual(["c2"]);
  expect(writing.body).toBe("Which tray?");
  expect(await writing.send()).toBe(true);
  expect(sent().map(({ seen }) => seen)).toEqual(['"1"', '"2"']);
  expect(sent()[0]!.key).toBe(sent()[1]!.key);
});

test("what arrives while writing is shown before sending, also after a reload", () => {
  const writing = open();
  writing.body = "Which";
  ticket.items = [...ticket.items, comment(2, "rita")];
  expect(writing.missed).toHaveLength(1);
  writing.body = "Which tray?";
  expect(open().missed).toHaveLength(1);
});

test("what the writer did themselves in another tab is no news, and it is sent", async () => {
  const writing = open();
  writing.body = "Which tray?";
  ticket.arrived = [comment(2, "tina")];
  sendText.mockRejectedValueOnce(refused(412, "precondition-failed"));
  expect(await writing.send()).toBe(true);
  expect(sent().map(({ seen }) => seen)).toEqual(['"1"', '"2"']);
});

test("tries after a failure are about the version that was read, not a newer one", async () => {
  vi.useFakeTimers();
  const writing = open();
  writing.body = "Which tray?";
  sendText.mockRejectedValueOnce(new Unreachable("offline"));
  const sending = writing.send();
  await vi.advanceTimersByTimeAsync(0);
  expect(writing.sending.state).toBe("waiting");
  ticket.items = [...ticket.items, comment(2, "rita")];
  await vi.advanceTimersByTimeAsync(10_000);
  await sending;
  expect(sent().map(({ seen }) => seen)).toEqual(['"1"', '"1"']);
  vi.useRealTimers();
});

test("a text that went out on another page is said there", async () => {
  const writing = open();
  writing.body = "Which tray?";
  router.path = "/app/queue";
  await writing.send();
  expect(toast).toHaveBeenCalledWith(expect.objectContaining({ href: "/app/tickets/7" }));
});

test.each([
  ["ticket-closed", 409],
  ["forbidden", 403],
  ["conflict", 409],
])("after %s the text stays and the actions are read again", async (slug, status) => {
  const writing = open();
  writing.body = "Which tray?";
  sendText.mockRejectedValueOnce(refused(status, slug));
  expect(await writing.send()).toBe(false);
  expect(writing.body).toBe("Which tray?");
  expect(ticket.refresh).toHaveBeenCalledWith({ whole: true });
  expect(sendText).toHaveBeenCalledTimes(1);
});

test("an earlier version that was sent is shown, and the rest stays", async () => {
  const writing = open();
  writing.body = "Which tray? And since when?";
  ticket.arrived = [comment(2, "tina", "Which tray?")];
  sendText.mockRejectedValueOnce(refused(422, "idempotency-key-reused"));
  expect(await writing.send()).toBe(false);
  expect(writing.sentBefore?.id).toBe("c2");
  expect(writing.body).toBe("Which tray? And since when?");
  await writing.send();
  expect(sent()[0]!.key).not.toBe(sent()[1]!.key);
});

test("a text that arrived although the page was left is not there again", () => {
  const writing = open();
  writing.body = "Which tray?";
  const again = open();
  again.forgetIfSent();
  expect(again.body).toBe("Which tray?");
  ticket.items = [...ticket.items, comment(2, "tina", "Which tray?")];
  again.forgetIfSent();
  expect(again.body).toBe("");
  // The same words written anew are another text.
  again.body = "Which tray?";
  again.forgetIfSent();
  expect(again.body).toBe("Which tray?");
});

test("a command without a reason is also about what the person has seen", async () => {
  const writing = open("close");
  writing.begin();
  ticket.arrived = [comment(2, "rita", "It jams again")];
  sendText.mockRejectedValueOnce(refused(412, "precondition-failed"));
  expect(await writing.send()).toBe(false);
  expect(writing.missed).toHaveLength(1);
  expect(await writing.send()).toBe(true);
});

test("nothing is sent without a text, or with one that is too long", async () => {
  const writing = open();
  expect(writing.isReady).toBe(false);
  writing.body = " \n";
  expect(writing.isReady).toBe(false);
  writing.body = "😀".repeat(10_000);
  expect(writing.isReady).toBe(true);
  writing.body = "😀".repeat(10_001);
  expect(writing.isReady).toBe(false);
  expect(await writing.send()).toBe(false);
  expect(open("resolve").isReady).toBe(false);
  expect(open("close").isReady).toBe(true);
});

test("the writing goes on where it was left", () => {
  const opened = ticket as unknown as OpenTicket;
  expect(writingOf(opened, "reply")).toBe(writingOf(opened, "reply"));
  expect(writingOf(opened, "note")).not.toBe(writingOf(opened, "reply"));
});

test("a text that still waits is the same one when its ticket is read anew", async () => {
  vi.useFakeTimers();
  const first = writingOf(ticket as unknown as OpenTicket, "reply");
  first.body = "Which tray?";
  sendText.mockRejectedValueOnce(new Unreachable("offline"));
  const sending = first.send();
  await vi.advanceTimersByTimeAsync(0);
  const again = new FakeTicket();
  const second = writingOf(again as unknown as OpenTicket, "reply");
  expect(second.body).toBe("Which tray?");
  expect(second.sending.state).toBe("waiting");
  expect(await second.send()).toBe(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await sending).toBe(true);
  expect(sent().map(({ text }) => text)).toEqual(["Which tray?", "Which tray?"]);
  expect(sent()[0]!.key).toBe(sent()[1]!.key);
  expect(second.body).toBe("");
  expect(again.refresh).toHaveBeenCalled();
  vi.useRealTimers();
});

test("an empty text of a ticket that was left is not kept, and one with a letter is", () => {
  const [left, shown] = [new FakeTicket(), new FakeTicket()].map((one, place) =>
    Object.assign(one, { number: 20 + place }),
  ) as unknown as [OpenTicket, OpenTicket];
  const [reply, note] = [writingOf(left, "reply"), writingOf(left, "note")];
  note.body = "x";
  writingOf(shown, "reply");
  expect(writingOf(left, "note")).toBe(note);
  expect(writingOf(left, "reply")).not.toBe(reply);
});
