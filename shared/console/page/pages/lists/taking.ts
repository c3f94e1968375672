import type { Person } from "../../api/session.svelte";
import { toast } from "../../ui/toasts.svelte";
import { reasonOf } from "../../words/failures";
import { t } from "../../words/words.svelte";
import { carryOut, isPossible, read, summaryOf } from "./actions";
import type { Listing } from "./listing.svelte";
import type { TicketSummary } from "./lists";

/** The tickets that are being taken. */
const running = new Set<number>();

/** Takes a ticket, shows it as it is then, and says so. */
export async function take(
  ticket: TicketSummary | undefined,
  listing: Listing,
  me: Person,
): Promise<void> {
  if (!ticket || running.has(ticket.number)) return;
  if (!isPossible("take", ticket, me)) return void toast({ text: t().lists.cannotTake });
  const { number, version } = ticket;
  running.add(number);
  try {
    const key = `console-${crypto.randomUUID()}`;
    const taken = await carryOut({ action: "take", number, version, key, text: "" });
    if (taken) listing.update(summaryOf(taken));
    toast({ text: t().lists.taken(number), tone: "success", href: `/app/tickets/${number}` });
  } catch (failure) {
    toast({ text: reasonOf(failure), tone: "danger" });
    await read(number).then((now) => listing.update(summaryOf(now)), () => {});
  } finally {
    running.delete(number);
  }
}
