import { beforeEach, expect, test, vi } from "vitest";

/** Returns an access token for Rita. Each has another signature, which nothing here checks. */
function tokenOf(signature: number): string {
  const payload = JSON.stringify({ sub: "rita", name: "Rita", role: "user" });
  return `head.${btoa(payload)}.${signature}`;
}

const answer = (status: number, body: object = {}) => new Response(JSON.stringify(body), { status });

/** What the API was asked, and with which token. */
let asked: string[] = [];
let issued = 0;
/** The tokens that the API accepts, by their signature. */
let isAccepted = (_: string) => true;
let isRefreshed = true;

async function api(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const signature = request.headers.get("authorization")?.split(".")[2] ?? "";
  asked.push(`${pathname} ${signature}`.trim());
  if (!pathname.startsWith("/v1/auth/")) return answer(isAccepted(signature) ? 200 : 401);
  if (pathname === "/v1/auth/refresh" && !isRefreshed) return answer(401);
  issued += 1;
  return answer(200, { access_token: tokenOf(issued), token_type: "Bearer", expires_in: 600 });
}

class OneChannel {
  onmessage = null;
  postMessage() {}
}

/** Opens the page: its modules with their own memory. */
async function openPage() {
  vi.resetModules();
  const client = await import("./client");
  const { session } = await import("./session.svelte");
  const { Refused, SignedOut } = await import("./problem");
  await session.start();
  asked = [];
  const poll = () => client.answered(client.api.GET("/v1/tickets"));
  const send = () => client.answered(client.api.POST("/v1/notifications/read-all"));
  return { poll, send, session, Refused, SignedOut };
}

beforeEach(() => {
  [asked, issued, isAccepted, isRefreshed] = [[], 0, () => true, true];
  const base = Request;
  vi.stubGlobal("location", { origin: "http://desk.test", assign: () => {} });
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {}, removeItem: () => {} });
  vi.stubGlobal("BroadcastChannel", OneChannel);
  vi.stubGlobal("fetch", api);
  let last: Promise<unknown> = Promise.resolve();
  const request = (_: string, work: () => Promise<void>) => (last = last.then(work, work));
  vi.stubGlobal("navigator", { locks: { request } });
  vi.stubGlobal(
    "Request",
    class extends base {
      constructor(path: string | Request, init?: RequestInit) {
        super(typeof path === "string" ? new URL(path, "http://desk.test") : path, init);
      }
    },
  );
});

test("a rejected token is renewed once, and the request is sent again", async () => {
  const { poll } = await openPage();
  isAccepted = (signature) => signature === "2";
  await poll();
  await poll();
  expect(asked).toEqual(["/v1/tickets 1", "/v1/auth/refresh", "/v1/tickets 2", "/v1/tickets 2"]);
});

test("if another token is rejected too, nothing is asked until the person signs in", async () => {
  const { poll, session, SignedOut } = await openPage();
  isAccepted = () => false;
  for (let polls = 0; polls < 4; polls += 1) await expect(poll()).rejects.toThrow(SignedOut);
  expect(asked).toEqual(["/v1/tickets 1", "/v1/auth/refresh", "/v1/tickets 2"]);
  expect(session.state).toBe("expired");
  isAccepted = () => true;
  await session.signIn("rita@example.com", "a horse of a different colour");
  await poll();
  expect(asked.at(-1)).toBe("/v1/tickets 3");
});

test("after the session ended, what a person does asks for the password, and a poll does not", async () => {
  const { poll, send, session } = await openPage();
  [isAccepted, isRefreshed] = [() => false, false];
  await expect(poll()).rejects.toThrow();
  expect(session.isAsking).toBe(true);
  // The person puts it off.
  session.isAsking = false;
  await expect(poll()).rejects.toThrow();
  expect(session.isAsking).toBe(false);
  await expect(send()).rejects.toThrow();
  expect(session.isAsking).toBe(true);
});

test("requests that find the session ended at the same time ask once for another token", async () => {
  const { poll, SignedOut } = await openPage();
  [isAccepted, isRefreshed] = [() => false, false];
  const failures = await Promise.allSettled([poll(), poll(), poll()]);
  for (const failure of failures) expect(failure).toMatchObject({ reason: expect.any(SignedOut) });
  expect(asked.filter((path) => path === "/v1/auth/refresh")).toHaveLength(1);
});

test("a refusal of another kind renews nothing", async () => {
  const { poll, Refused } = await openPage();
  const refuse = vi.fn(async () => answer(403, { type: "/problems/forbidden" }));
  vi.stubGlobal("fetch", refuse);
  await expect(poll()).rejects.toThrow(Refused);
  expect(refuse).toHaveBeenCalledTimes(1);
});
