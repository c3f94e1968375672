import { beforeEach, expect, test, vi } from "vitest";
import { Refused } from "../api/problem";
import type { Item } from "./timeline";

/** How long what is awaited may take, on two busy cores. */
const WITHIN = { timeout: 10_000 };

const me = { id: "tina", isStaff: true };
const get = vi.fn();

vi.mock("../api/client", () => ({
  api: { GET: (path: string, options: unknown) => get(path, options) },
  answered: (answer: unknown) => answer,
}));
vi.mock("../api/session.svelte", () => ({
  session: {
    get me() {
      return { id: me.id };
    },
    get isStaff() {
      return me.isStaff;
    },
  },
}));

const { tickets, OpenTicket } = await import("./tickets.svelte");

/** The ticket and its timeline as the help desk has them. */
let version = 1;
let entries: Item[] = [];
const asked: string[] = [];

function entry(seq: number, author = "rita"): Item {
  const person = { id: author, name: author, role: "user" as const };
  const at = `T${String(seq).padStart(3, "0")}`;
  const fields = { ticket: 7, author: person, via: null, body: `text ${seq}`, created_at: at };
  return { kind: "comment", id: `c${seq}`, seq, ...fields };
}

function note(id: string): Item {
  const author = { id: "tom", name: "Tom", role: "technician" as const };
  return { kind: "note", id, ticket: 7, author, via: null, body: "x", created_at: `U${id}` };
}

interface Options {
  params: { header?: Record<string, string>; query?: { limit: number; cursor?: string } };
}

async function answer(path: string, { params }: Options) {
  await Promise.resolve();
  if (!path.endsWith("timeline")) {
    asked.push("ticket");
    const isSame = params.header?.["If-None-Match"] === `"${version}"`;
    return { data: isSame ? undefined : { number: 7, version }, response: {} };
  }
  asked.push("timeline");
  const { limit, cursor } = params.query!;
  const newestFirst = entries.toReversed();
  const from = Number(cursor ?? 0);
  const items = newestFirst.slice(from, from + limit);
  const next = from + limit < newestFirst.length ? String(from + limit) : null;
  return { data: { items, next_cursor: next }, response: {} };
}

function add(...items: Item[]): void {
  entries = [...entries, ...items];
  version = entries.filter((item) => item.kind !== "note").length;
}

beforeEach(() => {
  entries = [];
  add(entry(1));
  asked.length = 0;
  me.isStaff = true;
  get.mockReset().mockImplementation(answer);
});

async function loaded(): Promise<InstanceType<typeof OpenTicket>> {
  const opened = new OpenTicket(7);
  await opened.load();
  asked.length = 0;
  return opened;
}

const ids = (items: readonly Item[]) => items.map((item) => item.id);

test("a long timeline is read from its end, and its earlier part on demand", async () => {
  add(...Array.from({ length: 39 }, (_, place) => entry(place + 2)));
  const opened = await loaded();
  expect(opened.items).toHaveLength(30);
  expect(opened.items.at(-1)!.id).toBe("c40");
  await opened.loadEarlier();
  expect(ids(opened.items)).toEqual(entries.map((item) => item.id));
  expect(opened.earlier).toBeNull();
});

test("a requester's refresh of an unchanged ticket is one request without content", async () => {
  me.isStaff = false;
  const opened = await loaded();
  const { ticket, items } = opened;
  await opened.refresh();
  expect(asked).toEqual(["ticket"]);
  expect(opened.ticket).toBe(ticket);
  expect(opened.items).toBe(items);
});

test("staff hear of notes, which change no version", async () => {
  const opened = await loaded();
  add(note("n1"));
  await opened.refresh();
  expect(ids(opened.items)).toEqual(["c1", "n1"]);
  expect(ids(opened.added)).toEqual(["n1"]);
});

test("a refresh after a long time leaves no gap", async () => {
  const opened = await loaded();
  add(...Array.from({ length: 70 }, (_, place) => entry(place + 2)));
  await opened.refresh();
  expect(ids(opened.items)).toEqual(entries.map((item) => item.id));
});

test("what the person added themselves is not new to them", async () => {
  const opened = await loaded();
  add(entry(2, "tina"), entry(3));
  await opened.refresh();
  expect(ids(opened.added)).toEqual(["c3"]);
  opened.acknowledge();
  expect(opened.added).toEqual([]);
});

test("a timeline that was read before the ticket changed is read again", async () => {
  me.isStaff = false;
  const opened = new OpenTicket(7);
  const loading = opened.load();
  const late = entries;
  add(entry(2));
  const now = entries;
  entries = late;
  await loading;
  entries = now;
  expect(opened.seen).toBe('"1"');
  await opened.refresh();
  expect(opened.seen).toBe('"2"');
});

test("an answer that comes late does not bring an older version back", async () => {
  const opened = await loaded();
  add(entry(2));
  await opened.refresh();
  await opened.replace({ ...opened.ticket!, version: 1 });
  expect(opened.ticket!.version).toBe(2);
});

test("a ticket that may no longer be seen is not shown", async () => {
  const opened = await loaded();
  const response = new Response(null, { status: 404 });
  const fields = { status: 404, detail: "", errors: [], allowed: [], retryAfter: 0 };
  const refusal = new Refused({ slug: "not-found", ...fields }, response);
  get.mockRejectedValue(refusal);
  await expect(opened.refresh()).rejects.toBe(refusal);
  expect(opened.failure).toBe(refusal);
});

test("at most two tickets are read ahead at once, each once, and are then at hand", async () => {
  let running = 0;
  let most = 0;
  get.mockImplementation(async (path: string, options: Options) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
    return answer(path, options);
  });
  for (const number of [101, 102, 103, 104, 102]) tickets.prefetch(number);
  await vi.waitFor(() => expect(asked).toHaveLength(8), WITHIN);
  // Each ticket is two requests.
  expect(most).toBe(4);
  await vi.waitFor(() => expect(tickets.open(104).ticket).toBeDefined(), WITHIN);
  expect(asked).toHaveLength(8);
});

test("a ticket is read anew after some minutes or a failure, and not before", async () => {
  vi.useFakeTimers();
  const opened = tickets.open(201);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tickets.open(201)).toBe(opened);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(tickets.open(201)).not.toBe(opened);
  get.mockRejectedValue(new Error("broken"));
  const broken = tickets.open(202);
  await vi.advanceTimersByTimeAsync(1);
  expect(broken.failure).toBeDefined();
  expect(tickets.open(202)).not.toBe(broken);
  vi.useRealTimers();
});
