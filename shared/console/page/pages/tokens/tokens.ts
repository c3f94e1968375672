import { answered, api, type Schemas } from "../../api/client";

export type ApiToken = Schemas["ApiToken"];
type NewApiToken = Schemas["NewApiToken"];

const DAY_MS = 24 * 60 * 60 * 1000;
/** An account has at most 50, so a list of them is one page. */
const query = { limit: 100 };

/** The API tokens of an account: how they are read and changed. */
export interface Tokens {
  list(): Promise<ApiToken[]>;
  create(body: NewApiToken): Promise<{ data: Schemas["CreatedApiToken"] }>;
  revoke(id: string): Promise<unknown>;
}

/** The tokens of the person who is signed in. */
export const own: Tokens = {
  list: async () => (await answered(api.GET("/v1/me/tokens", { params: { query } }))).data.items,
  create: (body) => answered(api.POST("/v1/me/tokens", { body })),
  revoke: (id) => answered(api.DELETE("/v1/me/tokens/{id}", { params: { path: { id } } })),
};

/** Returns the tokens of another account, for admins. */
export function tokensOf(id: string): Tokens {
  const path = { id };
  const one = (token_id: string) => ({ path: { id, token_id } });
  return {
    list: async () => {
      const params = { path, query };
      return (await answered(api.GET("/v1/users/{id}/tokens", { params }))).data.items;
    },
    create: (body) => answered(api.POST("/v1/users/{id}/tokens", { params: { path }, body })),
    revoke: (token_id) =>
      answered(api.DELETE("/v1/users/{id}/tokens/{token_id}", { params: one(token_id) })),
  };
}

/** Returns the time after so many days, or nothing for a token that does not expire. */
export function expiryAfter(days: string, now: number): { expires_at?: string } {
  if (!days) return {};
  return { expires_at: new Date(now + Number(days) * DAY_MS).toISOString() };
}
