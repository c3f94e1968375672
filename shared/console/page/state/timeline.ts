import type { Schemas } from "../api/client";

export type Item = Schemas["TimelineItem"];

/** Returns when something on a ticket was written or done. */
export function timeOf(item: Item): string {
  return item.kind === "event" ? item.at : item.created_at;
}

/** Returns the person who wrote or did it. */
export function authorOf(item: Item): Schemas["Person"] {
  return item.kind === "event" ? item.actor : item.author;
}

/** Returns the version of the ticket as far as its entries are known. Notes are outside of it. */
export function lastSeq(items: readonly Item[]): number {
  return items.reduce((last, item) => (item.kind === "note" ? last : Math.max(last, item.seq)), 0);
}

/**
 * Adds what was read to what is known, each entry once, oldest first. Entries never change, so what
 * is known stays the same object, and so does the whole list if nothing is new.
 */
export function merged(known: readonly Item[], read: readonly Item[]): readonly Item[] {
  const ids = new Set(known.map((item) => item.id));
  const added = read.filter((item) => !ids.has(item.id));
  return added.length === 0 ? known : [...known, ...added].sort(inOrder);
}

/** Orders as the API does: by time, and at the same time a note after what is in the log. */
function inOrder(one: Item, other: Item): number {
  const [at, otherAt] = [timeOf(one), timeOf(other)];
  if (at !== otherAt) return at < otherAt ? -1 : 1;
  if (one.kind !== "note" && other.kind !== "note") return one.seq - other.seq;
  if (one.kind === "note" && other.kind === "note") return one.id < other.id ? -1 : 1;
  return one.kind === "note" ? 1 : -1;
}

/** Notes how far a timeline was read: up to which entry of the log, and up to which note. */
export function markOf(items: readonly Item[]): string {
  const notes = items.filter((item) => item.kind === "note").map((note) => note.id);
  return `${lastSeq(items)}/${notes.sort().at(-1) ?? ""}`;
}

/** Returns what is in a timeline beyond such a mark. */
export function beyond(items: readonly Item[], mark: string): Item[] {
  const [seq, note] = mark.split("/") as [string, string];
  return items.filter((item) => (item.kind === "note" ? item.id > note : item.seq > Number(seq)));
}
