import { expect, test } from "vitest";
import { destinationOf } from "../../destination";
import { keepingWanted } from "./wanted";

const SIGNED_OUT = { state: "signed-out", me: undefined, isStaff: false, isAdmin: false } as const;
const me = { id: "1", name: "Rita", role: "user" } as const;
const SIGNED_IN = { state: "signed-in", me, isStaff: false, isAdmin: false } as const;

/** Follows links from an address, as a person does who is not signed in. */
function follow(address: string, ...paths: string[]): URL {
  const at = new URL(address, "https://desk.example");
  const [next, ...rest] = paths;
  return next ? follow(keepingWanted(next, at.searchParams), ...rest) : at;
}

test("where a person wanted to go is kept while they look for their password or an account", () => {
  const wanted = "/app/tickets/7?x=a%20b";
  const { pathname, searchParams } = new URL(wanted, "https://desk.example");
  const first = destinationOf(pathname, searchParams, SIGNED_OUT) as { href: string };
  const { pathname: path, searchParams: query } = follow(
    first.href,
    "/app/forgot",
    "/app/sign-in",
    "/app/register",
    "/app/sign-in",
  );
  const after = destinationOf(path, query, SIGNED_IN);
  expect(after).toEqual({ kind: "redirect", href: "/app/tickets/7?x=a+b" });
});

test("who wanted nothing gets a plain address", () => {
  expect(keepingWanted("/app/forgot", new URLSearchParams("other=1"))).toBe("/app/forgot");
});
