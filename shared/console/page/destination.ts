import type { session } from "./api/session.svelte";
import { pageOf, type Page } from "./routes";

type Session = Pick<typeof session, "state" | "me" | "isStaff" | "isAdmin">;

/** What an address leads to. `waiting` is an address that depends on who is signed in. */
type Destination =
  | { kind: "page"; page: Page; id: string }
  | { kind: "redirect"; href: string }
  | { kind: "missing" }
  | { kind: "waiting" };

/** Returns the first page of a person. */
function homeOf({ isStaff }: Pick<Session, "isStaff">): string {
  return isStaff ? "/app/queue" : "/app/tickets";
}

/** Decides what to show at an address, for those who are signed in or are not. */
export function destinationOf(path: string, query: URLSearchParams, session: Session): Destination {
  const found = path === "/" ? undefined : pageOf(path);
  if (found?.page.audience === "anyone" && path !== "/app/sign-in") {
    return { kind: "page", ...found };
  }
  // Who was signed in last probably still is.
  if (session.state === "starting" && !session.me) return { kind: "waiting" };
  if (session.state === "signed-out") return signIn(path, query, found);
  if (path === "/") return { kind: "redirect", href: homeOf(session) };
  if (path === "/app/sign-in") return { kind: "redirect", href: after(query) ?? homeOf(session) };
  const isFor = { anyone: true, "signed-in": true, staff: session.isStaff, admin: session.isAdmin };
  return found && isFor[found.page.audience] ? { kind: "page", ...found } : { kind: "missing" };
}

/** Leads to the sign-in, and from there back to where the person wanted to go. */
function signIn(path: string, query: URLSearchParams, found: ReturnType<typeof pageOf>): Destination {
  if (found && path === "/app/sign-in") return { kind: "page", ...found };
  const text = query.toString();
  const wanted = text ? `${path}?${text}` : path;
  const then = path === "/" ? "" : `?${new URLSearchParams({ then: wanted })}`;
  return { kind: "redirect", href: `/app/sign-in${then}` };
}

/** Returns where to go after the sign-in. Only an address of the page counts. */
function after(query: URLSearchParams): string | undefined {
  const then = query.get("then") ?? "";
  return then.startsWith("/app/") && !then.startsWith("/app/sign-in") ? then : undefined;
}
