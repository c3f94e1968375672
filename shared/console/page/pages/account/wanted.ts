/**
 * Returns an address of these pages that leads on to where the person wanted to go before they were
 * asked to sign in. `query` is that of the present address.
 */
export function keepingWanted(path: string, query: URLSearchParams): string {
  const then = query.get("then");
  return then ? `${path}?${new URLSearchParams({ then })}` : path;
}
