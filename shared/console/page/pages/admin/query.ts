import { router } from "../../state/router.svelte";

/** How many items a page of a list has. */
export const PAGE = 25;

/** Returns the members of a query that have a value. */
export function given<Q extends Record<string, string>>(query: Q): { [Name in keyof Q]?: Q[Name] } {
  const members = Object.entries(query).filter(([, value]) => value !== "");
  return Object.fromEntries(members) as { [Name in keyof Q]?: Q[Name] };
}

/** Returns the present address with another page of the list, or with the first one. */
export function addressOfPage(cursor: string): string {
  const query = new URLSearchParams(router.query);
  if (cursor) query.set("cursor", cursor);
  else query.delete("cursor");
  return `${router.path}?${query}`;
}
