import { expect, test } from "vitest";
import { destinationOf } from "./destination";

type Session = Parameters<typeof destinationOf>[2];

const NOT_KNOWN = { me: undefined, isStaff: false, isAdmin: false };
const STARTING: Session = { state: "starting", ...NOT_KNOWN };
const SIGNED_OUT: Session = { state: "signed-out", ...NOT_KNOWN };
const USER = signedIn("user");
const TECHNICIAN = signedIn("technician");
const ADMIN = signedIn("admin");

function signedIn(role: "user" | "technician" | "admin"): Session {
  const me = { id: "1", name: "Tina", role };
  return { state: "signed-in", me, isStaff: role !== "user", isAdmin: role === "admin" };
}

function lead(address: string, session: Session) {
  const { pathname, searchParams } = new URL(address, "https://desk.example");
  const destination = destinationOf(pathname, searchParams, session);
  if (destination.kind === "page") return `page ${destination.page.path} ${destination.id}`.trim();
  return destination.kind === "redirect" ? `to ${destination.href}` : destination.kind;
}

test("an address that depends on the person waits for the session", () => {
  expect(lead("/", STARTING)).toBe("waiting");
  expect(lead("/app/queue", STARTING)).toBe("waiting");
  expect(lead("/app/sign-in", STARTING)).toBe("waiting");
  expect(lead("/app/nothing", STARTING)).toBe("waiting");
  expect(lead("/app/register", STARTING)).toBe("page /app/register");
});

test("who was signed in last does not wait", () => {
  expect(lead("/app/queue", { ...TECHNICIAN, state: "starting" })).toBe("page /app/queue");
  expect(lead("/", { ...USER, state: "starting" })).toBe("to /app/tickets");
});

test("the sign-in leads back to where the person wanted to go", () => {
  expect(lead("/", SIGNED_OUT)).toBe("to /app/sign-in");
  const wanted = "/app/all?status=open&tag=a%20b";
  const href = lead(wanted, SIGNED_OUT).replace("to ", "");
  expect(href).toMatch(/^\/app\/sign-in\?then=/);
  expect(lead(href, SIGNED_OUT)).toBe("page /app/sign-in");
  expect(lead(href, TECHNICIAN)).toBe("to /app/all?status=open&tag=a+b");
});

test("the sign-in leads to no other site and not to itself", () => {
  for (const then of ["https://evil.example/", "//evil.example", "/docs", "/app/sign-in?then=x"]) {
    const address = `/app/sign-in?${new URLSearchParams({ then })}`;
    expect(lead(address, USER), then).toBe("to /app/tickets");
  }
});

test("each role begins on its own page", () => {
  expect(lead("/", USER)).toBe("to /app/tickets");
  expect(lead("/", TECHNICIAN)).toBe("to /app/queue");
  expect(lead("/", ADMIN)).toBe("to /app/queue");
});

test("a page for others is missing, as one that does not exist", () => {
  expect(lead("/app/queue", USER)).toBe("missing");
  expect(lead("/app/people", TECHNICIAN)).toBe("missing");
  expect(lead("/app/people/7", ADMIN)).toBe("page /app/people/{id} 7");
  expect(lead("/app/nothing", ADMIN)).toBe("missing");
});

test("a session that expired keeps its page", () => {
  expect(lead("/app/tickets/7", { ...USER, state: "expired" })).toBe("page /app/tickets/{id} 7");
});

test("a mailed link works with and without a session", () => {
  for (const session of [STARTING, SIGNED_OUT, USER]) {
    expect(lead("/app/password", session)).toBe("page /app/password");
  }
});
