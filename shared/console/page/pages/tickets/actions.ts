import type { Schemas } from "../../api/client";
import type { Ticket } from "../../state/tickets.svelte";

/** A command whose request has a text: the resolution, or a reason. */
export type TextCommand = "resolve" | "release" | "reopen" | "close" | "withdraw";
/** What the page offers on a ticket, apart from writing. */
export type Action = "take" | "give" | "handOver" | "edit" | "followUp" | TextCommand;

/** Returns what the page offers on a ticket, as the API allows it, the likeliest first. */
export function actionsOf(ticket: Ticket, me: Schemas["Person"]): Action[] {
  const allows = (action: Schemas["AllowedAction"]) => ticket.allowed_actions.includes(action);
  const offered: [Action, boolean][] = [
    [assignment(ticket, me), allows("assign")],
    ["resolve", allows("resolve")],
    ["close", allows("close")],
    ["reopen", allows("reopen")],
    ["release", allows("release")],
    ["edit", mayEditTexts(ticket)],
    ["withdraw", allows("withdraw")],
    ["followUp", ticket.status === "closed"],
  ];
  const names = offered.filter(([, isOffered]) => isOffered).map(([name]) => name);
  // The assignee resolves more often than they hand over.
  return names[0] === "handOver" ? [...names.slice(1, 2), "handOver", ...names.slice(2)] : names;
}

/** Only technicians are assignees. So a technician takes an open ticket, and others give it. */
function assignment(ticket: Ticket, me: Schemas["Person"]): Action {
  if (ticket.status !== "open") return "handOver";
  return me.role === "technician" ? "take" : "give";
}

/** Those who may comment are those who may reword the ticket, while it can be edited at all. */
export function mayEditTexts({ allowed_actions: allowed }: Ticket): boolean {
  return allowed.includes("update") && allowed.includes("comment");
}

/** Those who may write notes are those who may change priority, category and tags. */
export function mayClassify({ allowed_actions: allowed }: Ticket): boolean {
  return allowed.includes("update") && allowed.includes("note");
}
