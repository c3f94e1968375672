import { bindKeys, type Binding } from "../../state/keys.svelte";
import { t } from "../../words/words.svelte";
import type { TicketSummary } from "./lists";
import type { Cursor } from "./moving.svelte";
import type { Selection } from "./selection.svelte";

interface Staff {
  selection: Selection;
  rows: () => readonly TicketSummary[];
  /** Takes the selected tickets, or the one that the keys are at. */
  take: (ticket: TicketSummary | undefined) => void;
  filter: () => void;
}

/** Binds the keys of a list. Requesters only move in it. */
export function bindListKeys(at: Cursor, staff?: Staff): () => void {
  const bindings = [...moving(at), ...(staff ? working(at, staff) : [])];
  return bindKeys(bindings, () => t().lists.keys.list);
}

function moving(at: Cursor): Binding[] {
  const down = { label: () => t().lists.keys.nextTicket, run: () => at.move(1), repeats: true };
  const up = { label: () => t().lists.keys.previousTicket, run: () => at.move(-1), repeats: true };
  const open = { label: () => t().lists.keys.open, run: () => at.open() };
  return [
    { key: "j", ...down },
    { key: "ArrowDown", ...down },
    { key: "k", ...up },
    { key: "ArrowUp", ...up },
    { key: "Enter", ...open },
    { key: "o", ...open },
  ];
}

function working(at: Cursor, { selection, rows, take, filter }: Staff): Binding[] {
  const words = () => t().lists.keys;
  const toggle = () => at.ticket && selection.toggle(at.ticket);
  const extend = () => at.ticket && selection.extend(rows(), at.ticket);
  return [
    { key: "x", label: () => words().select, run: toggle },
    { key: "X", label: () => words().extend, run: extend },
    { key: "t", label: () => words().take, run: () => take(at.ticket) },
    { key: "u", label: () => words().clear, run: () => selection.clear() },
    { key: "/", label: () => words().filter, run: filter },
  ];
}
