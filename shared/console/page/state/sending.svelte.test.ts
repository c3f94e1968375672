import { beforeEach, expect, test, vi } from "vitest";
import { Refused, SignedOut, Unreachable } from "../api/problem";

const kept = new Map<string, string>();
const online = new Set<() => void>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
vi.stubGlobal("addEventListener", (_: string, listen: () => void) => online.add(listen));
vi.stubGlobal("removeEventListener", (_: string, listen: () => void) => online.delete(listen));

const { Draft } = await import("./drafts.svelte");
const { Sending } = await import("./sending.svelte");

function refused(status: number, slug: string, retryAfter = 0): Refused {
  const problem = { slug, status, detail: "", errors: [], allowed: [], retryAfter };
  return new Refused(problem, new Response(null, { status }));
}

function begun(body = "It jams") {
  const draft = new Draft("rita", "ticket/7/reply", { body: "" });
  draft.set({ body });
  return { draft, sending: new Sending(draft) };
}

beforeEach(() => {
  kept.clear();
  online.clear();
  vi.useFakeTimers();
});

test("a text that was sent is forgotten", async () => {
  const { draft, sending } = begun();
  expect(await sending.send(async ({ body }) => body)).toBe("It jams");
  expect(draft.isEmpty).toBe(true);
  expect(sending.state).toBe("idle");
});

test("what another tab typed on while it was sent stays, as another text", async () => {
  const { draft, sending } = begun();
  const { key } = draft;
  await sending.send(async () => draft.set({ body: "It jams, and smokes" }));
  expect(draft.fields.body).toBe("It jams, and smokes");
  expect(draft.key).not.toBe(key);
});

test.each([
  ["no network", new Unreachable("offline")],
  ["a 503", refused(503, "unavailable")],
  ["a 429", refused(429, "too-many-requests")],
])("after %s it is sent again with the same key", async (_, failure) => {
  const { draft, sending } = begun();
  const { key } = draft;
  const keys: string[] = [];
  const request = vi.fn(async (_fields: unknown, used: string) => {
    keys.push(used);
    if (keys.length < 3) throw failure;
    return "sent";
  });
  const sent = sending.send(request);
  await vi.advanceTimersByTimeAsync(0);
  expect(sending.state).toBe("waiting");
  expect(draft.fields.body).toBe("It jams");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await sent).toBe("sent");
  expect(keys).toEqual([key, key, key]);
});

test("it waits as long as the help desk asks", async () => {
  const { sending } = begun();
  const request = vi.fn().mockRejectedValueOnce(refused(429, "too-many-requests", 60));
  void sending.send(request);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(request).toHaveBeenCalledTimes(1);
  // A fifth of the wait is added at random.
  await vi.advanceTimersByTimeAsync(14_000);
  expect(request).toHaveBeenCalledTimes(2);
});

test("back online it is sent at once", async () => {
  const { sending } = begun();
  const request = vi.fn().mockRejectedValueOnce(new Unreachable("offline"));
  const sent = sending.send(request);
  await vi.advanceTimersByTimeAsync(1);
  for (const back of online) back();
  await vi.advanceTimersByTimeAsync(0);
  await sent;
  expect(request).toHaveBeenCalledTimes(2);
});

test("the person may stop the tries to edit the text", async () => {
  const { draft, sending } = begun();
  const sent = sending.send(async () => {
    throw new Unreachable("offline");
  });
  await vi.advanceTimersByTimeAsync(0);
  sending.stop();
  expect(await sent).toBeUndefined();
  expect(sending.isBusy).toBe(false);
  expect(draft.fields.body).toBe("It jams");
});

test("a stop while it is on its way makes no further wait", async () => {
  const { sending } = begun();
  let fail = (_: unknown) => {};
  const sent = sending.send(() => new Promise((_, reject) => (fail = reject)));
  sending.stop();
  fail(new Unreachable("offline"));
  expect(await sent).toBeUndefined();
  expect(sending.state).toBe("idle");
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ["a change of others", refused(412, "precondition-failed")],
  ["a refusal", refused(409, "ticket-closed")],
  ["the end of the session", new SignedOut()],
])("after %s the text and its key stay", async (_, failure) => {
  const { draft, sending } = begun();
  const { key } = draft;
  const sent = await sending.send(async () => {
    throw failure;
  });
  expect(sent).toBeUndefined();
  expect(sending.state).toBe("refused");
  expect(sending.failure).toBe(failure);
  expect([draft.fields.body, draft.key]).toEqual(["It jams", key]);
});

test("a key that stands for another text is replaced", async () => {
  const { draft, sending } = begun();
  const { key } = draft;
  await sending.send(async () => {
    throw refused(422, "idempotency-key-reused");
  });
  expect(draft.key).not.toBe(key);
  expect(draft.fields.body).toBe("It jams");
});

test("it is sent once, however often the keys are pressed", async () => {
  const { sending } = begun();
  const request = vi.fn(async () => "sent");
  const both = await Promise.all([sending.send(request), sending.send(request)]);
  expect(both).toEqual(["sent", undefined]);
  expect(request).toHaveBeenCalledTimes(1);
});
