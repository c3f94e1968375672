import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { session as Session } from "./session.svelte";

/** How long what is awaited may take, on two busy cores. */
const WITHIN = { timeout: 10_000 };

/** Returns an access token for a person, as the page reads it: without a valid signature. */
function tokenOf(sub: string, name = "Rita Müller"): string {
  const bytes = new TextEncoder().encode(JSON.stringify({ sub, name, role: "user" }));
  return `head.${btoa(String.fromCharCode(...bytes))}.signature`;
}

const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });
const issued = (sub: string) =>
  answer(200, { access_token: tokenOf(sub), token_type: "Bearer", expires_in: 600 });
const refused = () => answer(401, { type: "/problems/invalid-token" });

/** One lock for all tabs of the test, as a browser has it. */
function stubLocks() {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_: string, work: () => Promise<void>) => (last = last.then(work, work));
  vi.stubGlobal("navigator", { locks: { request } });
}

/** The channels of the tabs of this test. */
let channels: BroadcastChannel[] = [];

class Channel extends BroadcastChannel {
  constructor(name: string) {
    super(name);
    channels.push(this);
  }
}

afterEach(() => {
  for (const channel of channels) channel.close();
  channels = [];
});

/** What the browser keeps for all tabs of the test. */
function stubStorage() {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
}

let fetches: ReturnType<typeof vi.fn<(request: Request) => Promise<Response>>>;
let assign: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.stubGlobal("BroadcastChannel", Channel);
  stubLocks();
  stubStorage();
  fetches = vi.fn();
  assign = vi.fn();
  vi.stubGlobal("fetch", fetches);
  vi.stubGlobal("location", { assign, origin: "http://desk.test" });
  const base = Request;
  vi.stubGlobal(
    "Request",
    class extends base {
      constructor(path: string, init: RequestInit) {
        super(new URL(path, "http://desk.test"), init);
      }
    },
  );
});

/** Opens a tab: the module with its own memory. */
async function openTab(): Promise<typeof Session> {
  vi.resetModules();
  return (await import("./session.svelte")).session;
}

test("one refresh serves every tab", async () => {
  fetches.mockImplementation(async () => issued("a"));
  const tabs = [await openTab(), await openTab(), await openTab()];
  await tabs[0]!.start();
  const names = () => tabs.map((tab) => tab.me?.name);
  await vi.waitFor(() => expect(names()).toEqual(Array(3).fill("Rita Müller")), WITHIN);
  await Promise.all(tabs.map((tab) => tab.token()));
  expect(fetches).toHaveBeenCalledTimes(1);
});

test("a page starts without waiting for another tab, and what it sends then waits for it", async () => {
  fetches.mockImplementation(async () => issued("a"));
  const tab = await openTab();
  let release = () => {};
  void navigator.locks.request("helpdesk-session", () => new Promise<void>((end) => (release = end)));
  await tab.start();
  expect(tab.state).toBe("signed-in");
  const out = tab.signOut();
  expect(fetches).toHaveBeenCalledTimes(1);
  release();
  await out;
  expect(fetches).toHaveBeenCalledTimes(2);
});

test("requests of one tab wait for one refresh", async () => {
  fetches.mockImplementation(async () => issued("a"));
  const tab = await openTab();
  await Promise.all([tab.token(), tab.token(), tab.token()]);
  expect(fetches).toHaveBeenCalledTimes(1);
});

test("a browser without a session is signed out", async () => {
  fetches.mockImplementation(async () => refused());
  const tab = await openTab();
  await tab.start();
  expect(tab.state).toBe("signed-out");
});

test("a session that ends leaves the page as it is", async () => {
  fetches.mockImplementationOnce(async () => issued("a"));
  fetches.mockImplementation(async () => refused());
  const tab = await openTab();
  await tab.start();
  tab.forget(await tab.token());
  await expect(tab.token()).rejects.toThrow();
  expect(tab.state).toBe("expired");
  expect(tab.me?.id).toBe("a");
});

test("an ended session is not renewed over and over", async () => {
  fetches.mockImplementationOnce(async () => issued("a"));
  fetches.mockImplementation(async () => refused());
  const tab = await openTab();
  await tab.start();
  tab.forget(await tab.token());
  for (let polls = 0; polls < 3; polls += 1) await expect(tab.token()).rejects.toThrow();
  expect(fetches).toHaveBeenCalledTimes(2);
  fetches.mockImplementation(async () => issued("a"));
  await tab.signIn("a@example.com", "a horse of a different colour");
  expect(tab.state).toBe("signed-in");
  await tab.token();
});

test("a session whose tokens are rejected ends in every tab, and begins again in all", async () => {
  fetches.mockImplementation(async () => issued("a"));
  const tabs = [await openTab(), await openTab()];
  const states = () => tabs.map((tab) => tab.state);
  await tabs[0]!.start();
  await vi.waitFor(() => expect(tabs[1]!.state).toBe("signed-in"), WITHIN);
  const token = await tabs[0]!.token();
  expect(() => tabs[0]!.reject(token)).toThrow();
  await vi.waitFor(() => expect(states()).toEqual(["expired", "expired"]), WITHIN);
  await expect(tabs[1]!.token()).rejects.toThrow();
  expect(fetches).toHaveBeenCalledTimes(1);
  await tabs[1]!.signIn("a@example.com", "a horse of a different colour");
  await vi.waitFor(() => expect(states()).toEqual(["signed-in", "signed-in"]), WITHIN);
});

test("an unreachable help desk signs no one out", async () => {
  fetches.mockImplementationOnce(async () => issued("a"));
  fetches.mockImplementation(async () => {
    throw new TypeError("Failed to fetch");
  });
  const tab = await openTab();
  await tab.start();
  tab.forget(await tab.token());
  await expect(tab.token()).rejects.toThrow("Failed to fetch");
  expect(tab.state).toBe("signed-in");
});

test("signing out ends every tab", async () => {
  fetches.mockImplementation(async () => issued("a"));
  const tabs = [await openTab(), await openTab()];
  await tabs[0]!.start();
  await vi.waitFor(() => expect(tabs[1]!.state).toBe("signed-in"), WITHIN);
  await tabs[1]!.signOut();
  await vi.waitFor(() => expect(tabs[0]!.state).toBe("signed-out"), WITHIN);
  expect(tabs[1]!.state).toBe("signed-out");
  expect(tabs.map((tab) => tab.me)).toEqual([undefined, undefined]);
});

test("another person's sign-in replaces the page", async () => {
  fetches.mockImplementationOnce(async () => issued("a"));
  fetches.mockImplementation(async () => issued("b"));
  const tabs = [await openTab(), await openTab()];
  await tabs[0]!.start();
  await tabs[1]!.signIn("b@example.com", "a horse of a different colour");
  await vi.waitFor(() => expect(assign).toHaveBeenCalledWith("/"), WITHIN);
});

test("the next visit knows at once who was signed in, until they sign out", async () => {
  fetches.mockImplementation(async () => issued("a"));
  await (await openTab()).start();
  const next = await openTab();
  expect([next.state, next.me?.id]).toEqual(["starting", "a"]);
  await next.start();
  await next.signOut();
  expect((await openTab()).me).toBeUndefined();
});

test("who was signed in is forgotten when the session has ended meanwhile", async () => {
  fetches.mockImplementationOnce(async () => issued("a"));
  fetches.mockImplementation(async () => refused());
  await (await openTab()).start();
  const next = await openTab();
  await next.start();
  expect([next.state, next.me]).toEqual(["signed-out", undefined]);
  expect((await openTab()).me).toBeUndefined();
});

test("a session of another person than the last one needs no new page when it starts", async () => {
  fetches.mockImplementationOnce(async () => issued("a"));
  fetches.mockImplementation(async () => issued("b"));
  await (await openTab()).start();
  const next = await openTab();
  await next.start();
  expect(next.me?.id).toBe("b");
  expect(assign).not.toHaveBeenCalled();
});

test("a connection that ends within a response is no response", async () => {
  const body = new ReadableStream({ start: (stream) => stream.error(new TypeError("network")) });
  fetches.mockImplementation(async () => new Response(body));
  await expect((await openTab()).start()).rejects.toThrow("network");
});

test("nothing of the former person is sent with another's token", async () => {
  fetches.mockImplementationOnce(async () => issued("a"));
  fetches.mockImplementation(async () => issued("b"));
  const tabs = [await openTab(), await openTab()];
  await tabs[0]!.start();
  await tabs[1]!.signIn("b@example.com", "a horse of a different colour");
  await vi.waitFor(() => expect(assign).toHaveBeenCalled(), WITHIN);
  const sent = vi.fn();
  void tabs[0]!.token().then(sent);
  await new Promise((resolve) => setTimeout(resolve));
  expect(sent).not.toHaveBeenCalled();
  expect(tabs[0]!.me?.id).toBe("a");
});

/** Lets requests be answered when the test wants it. */
function answerLater(): (response: Response) => void {
  let answer = (_: Response) => {};
  fetches.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
  return (response) => answer(response);
}

/** Says something to all tabs, as another one does. */
function say(message: object): void {
  new Channel("helpdesk-session").postMessage(message);
}

test("a sign-out waits for the start of its tab", async () => {
  const answer = answerLater();
  fetches.mockImplementation(async () => new Response(null, { status: 204 }));
  const tab = await openTab();
  const started = tab.start();
  const out = tab.signOut();
  await new Promise((resolve) => setTimeout(resolve));
  expect(fetches).toHaveBeenCalledTimes(1);
  answer(issued("a"));
  await Promise.all([started, out]);
  expect(tab.state).toBe("signed-out");
});

test("a sign-out in another tab is not undone by a start that was under way", async () => {
  const answer = answerLater();
  const tab = await openTab();
  const started = tab.start();
  say({ kind: "signed-out" });
  await vi.waitFor(() => expect(tab.state).toBe("signed-out"), WITHIN);
  answer(issued("a"));
  await started;
  expect(tab.state).toBe("signed-out");
});

test("a sign-in in another tab outlasts a start that found no session", async () => {
  const answer = answerLater();
  const tab = await openTab();
  const started = tab.start();
  say({ kind: "token", token: { value: tokenOf("a"), until: Date.now() + 600_000 } });
  await vi.waitFor(() => expect(tab.state).toBe("signed-in"), WITHIN);
  answer(refused());
  await started;
  expect([tab.state, tab.me?.id]).toEqual(["signed-in", "a"]);
});

test("a sign-in waits for the end of a refresh", async () => {
  const refuse = answerLater();
  fetches.mockImplementation(async () => issued("a"));
  const tabs = [await openTab(), await openTab()];
  const started = tabs[0]!.start();
  const signedIn = tabs[1]!.signIn("a@example.com", "a horse of a different colour");
  await vi.waitFor(() => expect(fetches).toHaveBeenCalled(), WITHIN);
  await new Promise((resolve) => setTimeout(resolve));
  expect(fetches).toHaveBeenCalledTimes(1);
  refuse(refused());
  await Promise.all([started, signedIn]);
  await vi.waitFor(() => expect(tabs.map((tab) => tab.state)).toEqual(Array(2).fill("signed-in")), WITHIN);
});
