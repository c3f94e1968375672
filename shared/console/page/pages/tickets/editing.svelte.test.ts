import { beforeEach, expect, test, vi } from "vitest";
import { Refused } from "../../api/problem";
import type { OpenTicket, Ticket } from "../../state/tickets.svelte";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
vi.mock("../../api/session.svelte", () => ({ session: { me: { id: "tina" } } }));
const patch = vi.hoisted(() => vi.fn());
vi.mock("./requests", () => ({ patch }));

const { Editing, setPriority } = await import("./editing.svelte");

const fields = {
  number: 7,
  title: "Printer",
  description: "It jams.",
  priority: "normal",
  category: null,
  tags: ["paper"],
  version: 1,
} as unknown as Ticket;

/** The ticket as the page has read it. `theirs` is there with the next refresh. */
class FakeTicket {
  number = 7;
  ticket = fields;
  theirs: Partial<Ticket> = {};
  refresh = vi.fn(async () => {
    this.ticket = { ...this.ticket, ...this.theirs };
  });
  replace = vi.fn(async (ticket: Ticket) => {
    this.ticket = ticket;
  });
  get etag(): string {
    return `"${this.ticket.version}"`;
  }
}

const stale = new Refused(
  { slug: "precondition-failed", status: 412, detail: "", errors: [], allowed: [], retryAfter: 0 },
  new Response(null, { status: 412 }),
);

let opened: FakeTicket;
const asOpened = () => opened as unknown as OpenTicket;
const sent = () => patch.mock.calls.map(([, body, etag]) => [body, etag]);

beforeEach(() => {
  kept.clear();
  opened = new FakeTicket();
  patch
    .mockReset()
    .mockImplementation(async (_, body) => ({ ...opened.ticket, ...body, version: 9 }));
});

test("an edit survives a reload", () => {
  new Editing(asOpened()).set("title", "Printer on fire");
  const again = new Editing(asOpened());
  expect(again.values.title).toBe("Printer on fire");
  expect(again.values.description).toBe("It jams.");
});

test("the edit of one field survives a reload apart from that of all, and shows a conflict", () => {
  new Editing(asOpened(), "category").set("category", "Hardware");
  expect(new Editing(asOpened()).isEmpty).toBe(true);
  expect(new Editing(asOpened(), "tags").isEmpty).toBe(true);
  opened.ticket = { ...opened.ticket, category: "Software" };
  const again = new Editing(asOpened(), "category");
  expect(again.values.category).toBe("Hardware");
  expect(again.conflicts).toEqual(["category"]);
});

test("a change elsewhere does not disturb: the edit is sent on the new version", async () => {
  const editing = new Editing(asOpened());
  editing.set("title", "Printer on fire");
  opened.theirs = { version: 2, priority: "urgent" };
  patch.mockRejectedValueOnce(stale);
  expect(await editing.save()).toBe("saved");
  expect(sent()).toEqual([
    [{ title: "Printer on fire" }, '"1"'],
    [{ title: "Printer on fire" }, '"2"'],
  ]);
  expect(editing.isEmpty).toBe(true);
});

test("a conflict shows both sides and keeps what was typed until the person chooses", async () => {
  const editing = new Editing(asOpened());
  editing.set("title", "Mine");
  editing.set("category", "Hardware");
  opened.theirs = { version: 2, title: "Theirs" };
  patch.mockRejectedValueOnce(stale);
  expect(await editing.save()).toBeUndefined();
  expect(editing.conflicts).toEqual(["title"]);
  expect(editing.values.title).toBe("Mine");
  expect(await editing.save()).toBeUndefined();
  expect(patch).toHaveBeenCalledTimes(1);
  editing.choose("title", "mine");
  expect(await editing.save()).toBe("saved");
  expect(sent()[1]).toEqual([{ title: "Mine", category: "Hardware" }, '"2"']);
});

test("the other side may win", async () => {
  const editing = new Editing(asOpened());
  editing.set("title", "Mine");
  opened.ticket = { ...opened.ticket, title: "Theirs" };
  editing.choose("title", "theirs");
  expect(editing.values.title).toBe("Theirs");
  expect(await editing.save()).toBe("unchanged");
  expect(patch).not.toHaveBeenCalled();
});

test("nothing counts as saved if nothing was changed, or others made the same change", async () => {
  const editing = new Editing(asOpened(), "category");
  expect(await editing.save()).toBe("unchanged");
  editing.set("category", "Hardware");
  opened.ticket = { ...opened.ticket, category: "Hardware" };
  expect(await editing.save()).toBe("unchanged");
  expect(patch).not.toHaveBeenCalled();
  expect(kept.size).toBe(0);
});

test("a priority is set on the new version if others changed something else", async () => {
  opened.theirs = { version: 2, category: "Hardware" };
  patch.mockRejectedValueOnce(stale);
  expect(await setPriority(asOpened(), "high")).toBe(true);
  expect(sent()).toEqual([
    [{ priority: "high" }, '"1"'],
    [{ priority: "high" }, '"2"'],
  ]);
});

test("a priority that others set meanwhile is not overwritten", async () => {
  opened.theirs = { version: 2, priority: "urgent" };
  patch.mockRejectedValueOnce(stale);
  expect(await setPriority(asOpened(), "high")).toBe(false);
  expect(patch).toHaveBeenCalledTimes(1);
});
