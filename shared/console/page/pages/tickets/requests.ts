import { answered, api, type Schemas } from "../../api/client";
import type { Ticket } from "../../state/tickets.svelte";
import type { TextCommand } from "./actions";

/** What a person writes on a ticket: to everyone, to staff, or with a command. */
export type Kind = "reply" | "note" | TextCommand;

/** The version that the writer has seen, as an entity tag, and the idempotency key. */
interface Conditions {
  seen: string;
  key: string;
}

/** Sends a text. Returns the ticket as it is now, if the API returns it. */
export async function sendText(
  number: number,
  kind: Kind,
  text: string,
  { seen, key }: Conditions,
): Promise<{ ticket?: Ticket }> {
  const header = { "If-Match": seen, "Idempotency-Key": key };
  const params = { path: { number }, header };
  if (kind === "reply") {
    await answered(api.POST("/v1/tickets/{number}/comments", { params, body: { body: text } }));
    return {};
  }
  if (kind === "note") {
    await answered(api.POST("/v1/tickets/{number}/notes", { params, body: { body: text } }));
    return {};
  }
  return { ticket: (await answered(command(kind, text, params))).data };
}

interface Params {
  path: { number: number };
  header: { "If-Match": string; "Idempotency-Key": string };
}

function command(kind: TextCommand, text: string, params: Params) {
  const body = text ? { reason: text } : {};
  switch (kind) {
    case "resolve":
      return api.POST("/v1/tickets/{number}/resolve", { params, body: { resolution: text } });
    case "release":
      return api.POST("/v1/tickets/{number}/release", { params, body });
    case "reopen":
      return api.POST("/v1/tickets/{number}/reopen", { params, body });
    case "close":
      return api.POST("/v1/tickets/{number}/close", { params, body });
    case "withdraw":
      return api.POST("/v1/tickets/{number}/withdraw", { params, body });
  }
}

/** Assigns a ticket to a technician, or to the person at the page. It is safe to repeat. */
export async function assign(number: number, assignee?: string): Promise<Ticket> {
  const params = { path: { number } };
  const body = assignee ? { assignee_id: assignee } : {};
  return (await answered(api.POST("/v1/tickets/{number}/assign", { params, body }))).data;
}

/** Changes fields of the version that the person has seen. */
export async function patch(
  number: number,
  body: Schemas["TicketPatch"],
  seen: string,
): Promise<Ticket> {
  const params = { path: { number }, header: { "If-Match": seen } };
  return (await answered(api.PATCH("/v1/tickets/{number}", { params, body }))).data;
}
