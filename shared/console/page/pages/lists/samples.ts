import type { TicketSummary } from "./lists";

/** Returns a ticket for a test. */
export function ticketOf(number: number, changes: Partial<TicketSummary> = {}): TicketSummary {
  const rita = { id: "019bb13c-a3e0-7c85-8b1f-2d3e4f5a6b7c", name: "Rita", role: "user" } as const;
  return {
    number,
    title: `Ticket ${number}`,
    status: "open",
    priority: "normal",
    category: null,
    tags: [],
    requester: rita,
    assignee: null,
    follow_up_of: null,
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
    resolved_at: null,
    closed_at: null,
    version: 1,
    allowed_actions: [],
    ...changes,
  };
}

export function ticketsOf(...numbers: number[]): TicketSummary[] {
  return numbers.map((number) => ticketOf(number));
}
