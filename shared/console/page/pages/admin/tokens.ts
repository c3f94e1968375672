import { answered, api, type Schemas } from "../../api/client";

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
