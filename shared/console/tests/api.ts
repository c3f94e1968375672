// The help desk's API, for what a test prepares and looks up beside the page.

import { inject } from "vitest";
import type { components } from "../page/api/schema";

export type Schemas = components["schemas"];
export type Role = Schemas["Role"];

/** A person with an account. */
export interface Person {
  id: string;
  name: string;
  email: string;
  password: string;
  token: string;
}

/** How long to wait for what happens in the background, in milliseconds. */
const EVENTUALLY_MS = 20_000;

export const PASSWORD = "a horse of a different colour";

/** Sends a request and returns its JSON. Fails unless the status is below 400. */
export async function call<T>(
  token: string,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<T> {
  const { url } = inject("helpDesk");
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Returns what `look` finds, as soon as it finds something. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + EVENTUALLY_MS;
  while (Date.now() < until) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing within ${EVENTUALLY_MS} ms: ${look}`);
}

/** Returns the newest mail to an address. */
export async function mailTo(email: string): Promise<string> {
  const { mails } = inject("helpDesk");
  return eventually(async () => {
    const response = await fetch(new URL(`/to/${email}`, mails));
    return response.ok ? response.text() : undefined;
  });
}

/** Returns the link in the newest mail to an address. */
export async function mailedLink(email: string): Promise<string> {
  return (await mailTo(email)).match(/https?:\S+#token=\S+/)![0];
}

async function signIn(email: string, password: string): Promise<string> {
  const { access_token } = await call<Schemas["Tokens"]>("", "POST", "/v1/auth/login", {
    email,
    password,
  });
  return access_token;
}

let admin: Promise<Person> | undefined;

/** Returns the first admin. */
export function firstAdmin(): Promise<Person> {
  admin ??= (async () => {
    const { email, password } = inject("helpDesk");
    const token = await signIn(email, password);
    const { id, name } = await call<Schemas["User"]>(token, "GET", "/v1/me");
    return { id, name, email, password, token };
  })();
  return admin;
}

/** Creates a person of a role, with a name that no other test uses. */
export function newPerson(name: string, role: Role = "user"): Promise<Person> {
  const unique = crypto.randomUUID().slice(0, 8);
  return invite({ name: `${name} ${unique}`, email: `${unique}@example.com`, role });
}

/** Invites a person, and accepts the invitation. */
export async function invite(invitation: Schemas["NewInvitation"]): Promise<Person> {
  const { email } = invitation;
  const { token: adminToken } = await firstAdmin();
  const invited = await call<Schemas["InvitedUser"]>(adminToken, "POST", "/v1/users", invitation);
  const token = (await mailedLink(email)).split("#token=")[1];
  await call("", "POST", "/v1/auth/password/reset", { token, password: PASSWORD });
  const accessToken = await signIn(email, PASSWORD);
  return { id: invited.id, name: invited.name, email, password: PASSWORD, token: accessToken };
}

/** Opens a ticket. */
export function openTicket(
  { token }: Person,
  ticket: Partial<Schemas["NewTicket"]> = {},
): Promise<Schemas["Ticket"]> {
  const body = { title: "Printer on fire", description: "Second floor.", ...ticket };
  return call(token, "POST", "/v1/tickets", body);
}

/** Executes a command on a ticket or writes to it. */
export function act<T = Schemas["Ticket"]>(
  { token }: Person,
  number: number,
  command: string,
  body: object = {},
): Promise<T> {
  return call(token, "POST", `/v1/tickets/${number}/${command}`, body);
}

/** Returns the texts of the comments on a ticket. */
export async function comments({ token }: Person, number: number): Promise<string[]> {
  const path = `/v1/tickets/${number}/comments`;
  const { items } = await call<Schemas["CommentPage"]>(token, "GET", path);
  return items.map(({ body }) => body);
}
