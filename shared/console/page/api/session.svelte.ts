import { inBrowser } from "../state/storage";
import { problemOf, Refused, SignedOut, Unreachable } from "./problem";
import type { components } from "./schema";

export type Person = components["schemas"]["Person"];

/** How long before its end a token is renewed, in milliseconds: as long as a slow request takes. */
const MARGIN_MS = 30_000;
/** How long one request may take, in milliseconds. A function answers within ten seconds. */
const REQUEST_MS = 30_000;
/** Where the browser keeps who is signed in, until they sign out. */
const STORED = "person";
/** The name of the lock that one tab holds while it renews the token for all. */
const LOCK = "helpdesk-session";

interface Token {
  value: string;
  /** When it ends, by this machine's clock. */
  until: number;
}

type Message = { kind: "token"; token: Token } | { kind: "rejected" } | { kind: "signed-out" };

/**
 * The session of this browser. The access token is in memory only, the refresh token in a cookie
 * that scripts cannot read. One tab renews the token for all of them.
 */
class Session {
  /**
   * `expired` means that the session ended without the person's doing: the page stays as it is, so
   * that nothing typed is lost, and asks for the password again.
   */
  state = $state<"starting" | "signed-in" | "expired" | "signed-out">("starting");
  /**
   * Who is signed in. While it starts, this is who was signed in last: the frame is drawn for them
   * meanwhile, and nothing of theirs in it.
   */
  me = $state.raw(remembered());
  /** Whether the page asks for the password after the session ended. A person may put it off. */
  isAsking = $state(false);
  #token: Token | undefined;
  #tabs = new BroadcastChannel(LOCK);
  /** Whether another person signed in. The page of the former one is about to go. */
  #isReplaced = false;

  constructor() {
    this.#tabs.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
  }

  /** Says whether the person works on others' tickets. */
  get isStaff(): boolean {
    return this.me?.role === "technician" || this.me?.role === "admin";
  }

  get isAdmin(): boolean {
    return this.me?.role === "admin";
  }

  /** Continues the session that the cookie holds, if there is one. */
  async start(): Promise<void> {
    try {
      // Everything waits for this answer, and it would wait for the lock as long as for the answer
      // itself. The API answers tabs that start at the same moment alike. A sign-out, which would be
      // undone, waits for the lock.
      const renewed = this.#ask(() => this.state === "starting");
      void navigator.locks.request(LOCK, () => renewed.catch(() => {}));
      await renewed;
    } catch (failure) {
      if (!(failure instanceof SignedOut)) throw failure;
      this.#leave();
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    // Not while a tab renews the token: its answer would end the session that begins here.
    await navigator.locks.request(LOCK, async () => {
      const response = await send("/v1/auth/login", { email, password });
      this.#issued((await response.json()) as components["schemas"]["AccessToken"]);
    });
  }

  /** Signs this browser out: every tab of it, at once. */
  async signOut(): Promise<void> {
    try {
      // Not while a tab renews the token: its answer would sign all of them in again.
      await navigator.locks.request(LOCK, () => send("/v1/auth/logout"));
    } catch (failure) {
      // A session that ended already needs no sign-out.
      if (!(failure instanceof Refused && failure.problem.status === 401)) throw failure;
    }
    this.#tabs.postMessage({ kind: "signed-out" } satisfies Message);
    this.#leave();
  }

  /**
   * Returns a token that is valid for a while, renewing it if needed. A page that is being replaced
   * gets none: what its person left unsent must not go out in the name of another.
   */
  async token(): Promise<string> {
    if (!this.#isReplaced && !this.#isFresh()) await this.#renew();
    return this.#isReplaced ? new Promise<never>(() => {}) : this.#token!.value;
  }

  /** Forgets a token that the API rejected, so that the next request renews it. */
  forget(token: string): void {
    if (this.#token?.value === token) this.#token = undefined;
  }

  /**
   * Ends the session, because the API rejected even the token that replaced a rejected one. It ends
   * in every tab: a token that another one renews would be rejected here as well.
   */
  reject(token: string): void {
    if (this.#token?.value === token) {
      this.#tabs.postMessage({ kind: "rejected" } satisfies Message);
      this.#expire();
    }
    if (this.#isOver) throw new SignedOut();
  }

  /** Shows another name from now on. The next token has it too. */
  rename(name: string): void {
    if (this.me) this.#know({ ...this.me, name });
  }

  /** Another person signed in, perhaps in another tab. Nothing of the former one may stay. */
  #replace(): void {
    this.#isReplaced = true;
    location.assign("/");
  }

  #leave(): void {
    this.#token = undefined;
    this.me = undefined;
    inBrowser.removeItem(STORED);
    this.state = "signed-out";
  }

  #know(person: Person): void {
    this.me = person;
    inBrowser.setItem(STORED, JSON.stringify(person));
  }

  /** Says whether it ended, so that only a person can begin another one. */
  get #isOver(): boolean {
    return this.state === "expired" || this.state === "signed-out";
  }

  #isFresh(): boolean {
    return this.#token !== undefined && this.#token.until - MARGIN_MS > Date.now();
  }

  async #renew(): Promise<void> {
    await navigator.locks.request(LOCK, async () => {
      // Another tab may have renewed it while this one waited for the lock.
      if (this.#isFresh()) return;
      if (this.#isOver) throw new SignedOut();
      await this.#ask();
    });
  }

  /** Asks for the next token. What other tabs said meanwhile may be newer than the answer. */
  async #ask(isWanted = () => true): Promise<void> {
    try {
      const response = await send("/v1/auth/refresh");
      const token = (await response.json()) as components["schemas"]["AccessToken"];
      if (isWanted()) this.#issued(token);
    } catch (failure) {
      if (!isWanted()) return;
      throw this.#isRejected(failure) ? new SignedOut() : failure;
    }
  }

  /** Handles a refresh token that is missing or no longer valid. */
  #isRejected(failure: unknown): boolean {
    if (!(failure instanceof Refused) || failure.problem.status !== 401) return false;
    this.#expire();
    return true;
  }

  #expire(): void {
    this.#token = undefined;
    if (this.state !== "signed-in") return;
    this.state = "expired";
    this.isAsking = true;
  }

  #issued({ access_token, expires_in }: components["schemas"]["AccessToken"]): void {
    const token = { value: access_token, until: Date.now() + expires_in * 1000 };
    this.#tabs.postMessage({ kind: "token", token } satisfies Message);
    this.#enter(token);
  }

  #hear(message: Message): void {
    if (message.kind === "signed-out") this.#leave();
    else if (message.kind === "rejected") this.#expire();
    else this.#enter(message.token);
  }

  #enter(token: Token): void {
    const holder = holderOf(token.value);
    const { id, name, role } = this.me ?? {};
    if (this.state !== "starting" && id !== undefined && id !== holder.id) return this.#replace();
    this.#token = token;
    if (id !== holder.id || name !== holder.name || role !== holder.role) this.#know(holder);
    this.state = "signed-in";
  }
}

function remembered(): Person | undefined {
  return inBrowser.read<Person>(STORED);
}

/** Returns the person that an access token (RFC 9068) names. */
function holderOf(token: string): Person {
  const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  const { sub, name, role } = JSON.parse(new TextDecoder().decode(bytes));
  return { id: sub, name, role };
}

/** Sends a request, and throws `Unreachable` if no response arrives in time. */
export async function reached(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_MS)]);
  try {
    const response = await fetch(request, { signal });
    // The connection can also end within the body.
    const body = await response.arrayBuffer();
    return new Response(body.byteLength > 0 ? body : null, response);
  } catch (failure) {
    throw new Unreachable(String(failure));
  }
}

/** Posts to a route of the session, whose refresh token travels in the cookie. */
async function send(path: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = { "x-helpdesk-session": "cookie" };
  if (body) headers["content-type"] = "application/json";
  const content = body ? { body: JSON.stringify(body) } : {};
  const response = await reached(new Request(path, { method: "POST", headers, ...content }));
  if (!response.ok) throw new Refused(await problemOf(response, response.json()), response);
  return response;
}

export const session = new Session();
