import { answered, api, type Schemas } from "../../api/client";
import { scopesFor } from "../settings/kinds";
import { words as settings } from "../settings/words";
import type { Role } from "./people";
import { words } from "./words";

export type ApiToken = Schemas["ApiToken"];
export type Scope = Schemas["Scope"];

const DAY_MS = 24 * 60 * 60 * 1000;

/** Reads the API tokens of an account. There are 50 at most, so one page has all of them. */
export async function listTokens(id: string): Promise<ApiToken[]> {
  const params = { path: { id }, query: { limit: 100 } };
  return (await answered(api.GET("/v1/users/{id}/tokens", { params }))).data.items;
}

/** Returns the time after so many days, or nothing for a token that does not expire. */
export function expiryAfter(days: string, now: number): { expires_at?: string } {
  if (!days) return {};
  return { expires_at: new Date(now + Number(days) * DAY_MS).toISOString() };
}

/** Returns the scopes that are of use to a service account of a role. */
export function scopesOfService(role: Role): Scope[] {
  return [...scopesFor(role).flatMap(({ scopes }) => scopes), "act_for"];
}

/** Returns the words for each scope. People's own tokens have all of them but one. */
export function scopeWords(): Record<Scope, { label: string; hint: string }> {
  return { ...settings().tokens.scopes, act_for: words().tokens.actFor };
}
