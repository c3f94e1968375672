import type { components } from "./schema";

export type AllowedAction = components["schemas"]["AllowedAction"];
type FieldError = components["schemas"]["FieldError"];

/** Why the API refused a request: its problem document (RFC 9457), as far as the page uses it. */
export interface Problem {
  /** The last part of `type`, such as `precondition-failed`. */
  slug: string;
  status: number;
  /** A sentence in English for people. */
  detail: string;
  /** What is wrong with a body, by JSON pointer. */
  errors: FieldError[];
  /** What the caller may do with the ticket instead. */
  allowed: AllowedAction[];
  /** How many seconds to wait before the next request, or 0. */
  retryAfter: number;
}

/** The API answered, and refused. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly response: Response,
  ) {
    super(`${problem.status} ${problem.slug}`);
  }
}

/** No answer arrived: the request may or may not have been carried out. */
export class Unreachable extends Error {}

/** The session ended, so no request can be sent. */
export class SignedOut extends Error {}

/** Returns the slug of a refusal, or "" for every other failure. */
export function slugOf(failure: unknown): string {
  return failure instanceof Refused ? failure.problem.slug : "";
}

/** Says whether the same request may succeed later, unchanged. */
export function mayPass(failure: unknown): boolean {
  if (failure instanceof Refused) {
    return failure.problem.status >= 500 || failure.problem.status === 429;
  }
  return failure instanceof Unreachable;
}

/** The slugs of responses without a problem document. Those of API Gateway itself have none. */
const SLUGS: Record<number, string> = { 429: "too-many-requests", 503: "unavailable" };

/** Reads the problem document of a response. */
export async function problemOf(response: Response, body: unknown): Promise<Problem> {
  const document = Object(await Promise.resolve(body).catch(() => undefined));
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const list = (value: unknown) => (Array.isArray(value) ? value : []);
  return {
    slug: text(document.type).replace("/problems/", "") || SLUGS[response.status] || "internal",
    status: response.status,
    detail: text(document.detail),
    errors: list(document.errors),
    allowed: list(document.allowed),
    retryAfter: Number(response.headers.get("retry-after")) || 0,
  };
}
