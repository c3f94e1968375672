import createClient from "openapi-fetch";
import { problemOf, Refused } from "./problem";
import type { components, paths } from "./schema";
import { reached, session } from "./session.svelte";

export type Schemas = components["schemas"];

/** The API, as its contract describes it. Use it through `answered`. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: withToken,
});

/** Routes that need no token. Sending none saves renewing one. */
const PUBLIC = /^\/v1\/auth\//;

async function withToken(request: Request): Promise<Response> {
  if (PUBLIC.test(new URL(request.url).pathname)) return reached(request);
  // What the page reads by itself can wait. Who changes something is asked for the password again.
  if (session.state === "expired" && request.method !== "GET") session.isAsking = true;
  const again = request.clone();
  const first = await session.token();
  const response = await bearing(request, first);
  if (response.status !== 401) return response;
  // It was valid when it was sent, by this machine's clock. The clock may be wrong.
  session.forget(first);
  const second = await session.token();
  const last = await bearing(again, second);
  // No other token would do either. Each further one would be a request for nothing.
  if (last.status === 401) session.reject(second);
  return last;
}

function bearing(request: Request, token: string): Promise<Response> {
  request.headers.set("authorization", `Bearer ${token}`);
  return reached(request);
}

/** What the API answered. */
interface Answer<T> {
  data: T;
  response: Response;
}

/**
 * Waits for the answer to a request of `api`.
 *
 * Throws `Refused` with the problem document, `Unreachable` if no answer arrives, and `SignedOut`
 * if the session ended. A 304 is an answer without data.
 */
export async function answered<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Answer<T>> {
  const { data, error, response } = await request;
  if (!response.ok && response.status !== 304) {
    throw new Refused(await problemOf(response, error), response);
  }
  return { data: data as T, response };
}
