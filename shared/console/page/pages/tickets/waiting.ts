import type { Schemas } from "../../api/client";
import type { Ticket } from "../../state/tickets.svelte";
import type { Item } from "../../state/timeline";
import { t } from "../../words/words.svelte";
import { object, subject } from "./sentences";

/** Says in a sentence who is waited for. `Isolated.svelte` shows it. */
export function waitingOn(ticket: Ticket, items: readonly Item[], me: Schemas["Person"]): string {
  const words = t().tickets.waiting;
  const isMine = ticket.requester.id === me.id;
  const wroteLast = items.findLast((item) => item.kind === "comment")?.author.id;
  switch (ticket.status) {
    case "open":
      return words.queue;
    case "resolved":
      return isMine ? words.confirm : words.confirmation(object(ticket.requester));
    case "closed":
      return ticket.assignee ? words.closed : words.withdrawn;
    case "in_progress":
      break;
  }
  const assignee = ticket.assignee!;
  const isAnswered = wroteLast !== undefined && wroteLast !== ticket.requester.id;
  if (assignee.id === me.id) {
    const isAsked = wroteLast !== undefined && !isAnswered;
    return isAsked ? words.youOn(subject(ticket.requester)) : words.you;
  }
  if (isMine && isAnswered) return words.mayWaitForYou(subject(assignee));
  return words.assignee(subject(assignee));
}
