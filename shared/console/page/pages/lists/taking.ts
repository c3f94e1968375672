import { toast } from "../../ui/toasts.svelte";
import { whyNotDone } from "../../words/failures";
import { t } from "../../words/words.svelte";
import { carryOut, isPossible, newKey, read, summaryOf } from "./actions";
import { bulk } from "./bulk.svelte";
import type { TicketSummary } from "./lists";
import type { OpenList } from "./open-list.svelte";

/** The tickets that are being taken. */
const running = new Set<number>();

/** Takes the selected tickets, or the one that the keys are at. */
export async function takeHere(ticket: TicketSummary | undefined, open: OpenList): Promise<void> {
  const { selection, me } = open;
  if (selection.size === 0) {
    if (ticket) await takeOne(ticket, open);
  } else if (!bulk.isRunning) {
    const chosen = selection.tickets.filter((selected) => isPossible("take", selected, me));
    if (chosen.length > 0) await bulk.run("take", chosen, newKey);
    else toast({ text: t().lists.cannotTake });
  }
}

/** Takes a ticket, shows it as it is then, and says so. */
async function takeOne(ticket: TicketSummary, { listing, me }: OpenList): Promise<void> {
  const { number, version } = ticket;
  if (running.has(number)) return;
  if (!isPossible("take", ticket, me)) return void toast({ text: t().lists.cannotTake });
  running.add(number);
  try {
    const step = { action: "take", number, version, key: newKey(), text: "" } as const;
    const taken = await carryOut(step);
    if (taken) listing.update(summaryOf(taken));
    toast({ text: t().lists.taken(number), tone: "success", href: `/app/tickets/${number}` });
  } catch (failure) {
    toast({ text: whyNotDone(failure), tone: "danger" });
    await read(number).then((now) => listing.update(summaryOf(now)), () => {});
  } finally {
    running.delete(number);
  }
}
