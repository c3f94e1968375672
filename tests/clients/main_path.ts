// Plays the main path with the client that is generated from docs/openapi.yaml: openapi-typescript
// makes the types, and openapi-fetch sends the requests. `tsc` checks this file before it runs.
//
//     node main_path.js <url> <admin's address> <admin's password> <address of the mails>

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Ticket = components["schemas"]["Ticket"];

declare const process: { argv: string[] };

const [url = "", email = "", password = "", mails = ""] = process.argv.slice(2);

function check(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(what);
  }
}

/** Returns the data of an answer that must be a success. */
function data<T>(answer: { data?: T; error?: { type: string; detail: string }; response: Response }): T {
  const { error, response } = answer;
  check(error === undefined, `${response.url} answers ${response.status}: ${error?.detail}`);
  return answer.data as T;
}

function client(token?: string): Client<paths> {
  return createClient<paths>({ baseUrl: url, headers: token ? { authorization: `Bearer ${token}` } : {} });
}

async function signIn(email: string, password: string): Promise<Client<paths>> {
  const tokens = data(await client().POST("/v1/auth/login", { body: { email, password } }));
  return client(tokens.access_token);
}

async function register(name: string): Promise<{ id: string; api: Client<paths> }> {
  const email = `${name.toLowerCase()}-${Date.now()}@example.org`;
  const password = "a long walk by the sea";
  data(await client().POST("/v1/auth/register", { body: { name, email } }));
  data(await client().POST("/v1/auth/password/reset", { body: { token: await mailedToken(email), password } }));
  const api = await signIn(email, password);
  const user = data(await api.GET("/v1/me"));
  check(user.role === "user" && user.active, "a new account is an active user");
  return { id: user.id, api };
}

/** Waits for the mail to an address and returns the token in its link. */
async function mailedToken(to: string): Promise<string> {
  for (let tried = 0; tried < 300; tried += 1) {
    const token = /#token=(\S+)/.exec(await (await fetch(`${mails}/to/${to}`)).text())?.[1];
    if (token !== undefined) {
      return token;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`No mail to ${to} arrived.`);
}

/** Returns Rita, who has a problem, and Theo, who becomes a technician. */
async function people(): Promise<{ rita: Client<paths>; theo: Client<paths> }> {
  const [rita, theo] = [await register("Rita"), await register("Theo")];
  const admin = await signIn(email, password);
  const params = { path: { id: theo.id } };
  const user = data(await admin.PUT("/v1/users/{id}/role", { params, body: { role: "technician" } }));
  check(user.role === "technician", "Theo is a technician");
  // A token has the role that its account had when it was issued.
  check(user.email !== null, "a person has an address");
  return { rita: rita.api, theo: await signIn(user.email, "a long walk by the sea") };
}

async function open(rita: Client<paths>): Promise<Ticket> {
  const params = { header: { "Idempotency-Key": `key-${Date.now()}` } };
  const body = { title: "The printer jams", description: "Every second page.", tags: ["paper"] };
  const first = await rita.POST("/v1/tickets", { params, body });
  const again = await rita.POST("/v1/tickets", { params, body });
  const ticket = data(first);
  check(ticket.status === "open" && ticket.assignee === null, "a new ticket is open");
  check(data(again).number === ticket.number, "the same request opens one ticket");
  check(again.response.headers.get("idempotency-replayed") === "true", "which the answer says");
  return ticket;
}

async function solve(number: number, rita: Client<paths>, theo: Client<paths>): Promise<void> {
  const params = { path: { number } };
  const taken = data(await theo.POST("/v1/tickets/{number}/assign", { params, body: {} }));
  check(taken.status === "in_progress" && taken.assignee?.name === "Theo", "Theo took the ticket");
  data(await theo.POST("/v1/tickets/{number}/comments", { params, body: { body: "Which tray?" } }));
  data(await rita.POST("/v1/tickets/{number}/comments", { params, body: { body: "The lower one." } }));
  const comments = data(await rita.GET("/v1/tickets/{number}/comments", { params }));
  check(comments.items.map((comment) => comment.author.name).join() === "Theo,Rita", "both comments are listed");
  const resolved = data(
    await theo.POST("/v1/tickets/{number}/resolve", { params, body: { resolution: "A new roller." } }),
  );
  check(resolved.resolution === "A new roller.", "the resolution is shown");
  const closed = data(await rita.POST("/v1/tickets/{number}/close", { params, body: {} }));
  check(closed.status === "closed", "the ticket is closed");
  const closedOnes = data(await rita.GET("/v1/tickets", { params: { query: { status: "closed", limit: 10 } } }));
  check(closedOnes.items.some((ticket) => ticket.number === number), "the list has the ticket");
}

async function errors(rita: Client<paths>): Promise<void> {
  const missing = await rita.GET("/v1/tickets/{number}", { params: { path: { number: 999_999 } } });
  check(missing.error?.type === "/problems/not-found", "a missing ticket is a 404");
  const invalid = await rita.POST("/v1/tickets", { body: { title: " ", description: "" } });
  check(invalid.error?.type === "/problems/validation-failed", "an invalid ticket is a 422");
  const pointers = invalid.error.errors.map((error) => error.pointer);
  check(pointers.includes("/title") && pointers.includes("/description"), `each error has its place: ${pointers}`);
  // What the contract forbids is an error of the compiler,
  // @ts-expect-error: the description is required
  const short = await rita.POST("/v1/tickets", { body: { title: "x" } });
  // @ts-expect-error: no such priority
  const unknown = await rita.POST("/v1/tickets", { body: { title: "x", description: "y", priority: "p1" } });
  check(short.response.status === 422 && unknown.response.status === 422, "and refused by the server");
}

const { rita, theo } = await people();
const ticket = await open(rita);
await solve(ticket.number, rita, theo);
await errors(rita);
console.log(`-- The TypeScript client opened, solved and closed ticket ${ticket.number}`);
