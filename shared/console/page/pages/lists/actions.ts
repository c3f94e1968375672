import { answered, api, type Schemas } from "../../api/client";
import type { Person } from "../../api/session.svelte";
import type { TicketSummary } from "./lists";

export type Action = "take" | "close" | "note";
export const ACTIONS: readonly Action[] = ["take", "close", "note"];

/**
 * Says whether a person may do something with a ticket: its `allowed_actions` decide. To take is to
 * be assigned an open ticket. Admins may assign one as well, but only to a technician.
 */
export function isPossible(action: Action, ticket: TicketSummary, me: Person): boolean {
  if (action !== "take") return ticket.allowed_actions.includes(action);
  const isWaiting = ticket.status === "open" && ticket.allowed_actions.includes("assign");
  return isWaiting && me.role === "technician";
}

/** Makes the idempotency key of one step. */
export function newKey(): string {
  return `console-${crypto.randomUUID()}`;
}

/** What is done, to which version of a ticket, under which idempotency key. */
export interface Step {
  action: Action;
  number: number;
  version: number;
  key: string;
  /** The text of a note. */
  text: string;
}

/**
 * Does it, and returns the ticket as it is now; a note changes none. Only the version that the
 * person has seen is taken or closed.
 */
export async function carryOut(step: Step): Promise<Schemas["Ticket"] | undefined> {
  const { number, key, version } = step;
  const path = { number };
  if (step.action === "note") {
    const params = { path, header: { "Idempotency-Key": key } };
    await answered(api.POST("/v1/tickets/{number}/notes", { params, body: { body: step.text } }));
    return undefined;
  }
  const params = { path, header: { "Idempotency-Key": key, "If-Match": `"${version}"` } };
  const request =
    step.action === "take"
      ? api.POST("/v1/tickets/{number}/assign", { params })
      : api.POST("/v1/tickets/{number}/close", { params });
  return (await answered(request)).data;
}

export async function read(number: number): Promise<Schemas["Ticket"]> {
  return (await answered(api.GET("/v1/tickets/{number}", { params: { path: { number } } }))).data;
}

/** Leaves out the long texts of a ticket, as lists do. */
export function summaryOf(ticket: Schemas["Ticket"]): TicketSummary {
  const { description: _, resolution: __, ...summary } = ticket;
  return summary;
}
