import type { Schemas } from "../../api/client";
import { session } from "../../api/session.svelte";
import type { Item } from "../../state/timeline";
import { authorOf } from "../../state/timeline";
import { language } from "../../words/language.svelte";
import { t } from "../../words/words.svelte";
import { isolated } from "./isolated";

type Event = Schemas["Event"];
type Change = Schemas["Change"];
type Person = Schemas["Person"];

/** Returns a person as the subject of a sentence, with the service account that acted for them. */
export function subject(person: Person, via: Person | null = null): string {
  const who = person.id === session.me?.id ? t().common.you : isolated(person.name);
  return via ? t().tickets.via(who, isolated(via.name)) : who;
}

/** Returns a person as the object of a sentence. */
export function object(person: Person | null): string {
  if (!person) return "";
  return person.id === session.me?.id ? t().tickets.you : isolated(person.name);
}

/** Says in a sentence what happened. `Isolated.svelte` shows it. */
export function sentenceOf(event: Event): string {
  const words = t().tickets.events;
  const who = subject(event.actor, event.via);
  const assignee = personIn(event, "assignee");
  switch (event.type) {
    case "opened":
      return openedBy(event, who);
    case "assigned":
      return assignee?.id === event.actor.id ? words.took(who) : words.gave(who, object(assignee));
    case "handed_over":
      return words.handedOver(who, object(assignee));
    case "released":
      return words.released(who);
    case "resolved":
      return words.resolved(who);
    case "reopened":
      return event.to_status === "open" ? words.reopenedIntoQueue(who) : words.reopened(who);
    case "closed":
      return event.actor.role === "system" ? words.closedBySystem : words.closed(who);
    case "withdrawn":
      return words.withdrew(who);
    case "updated":
      return words.updated(who, listOf(event.changes.flatMap(changesOf)));
  }
}

function openedBy(event: Event, who: string): string {
  const words = t().tickets.events;
  const requester = personIn(event, "requester");
  const isForAnother = requester && requester.id !== event.actor.id;
  const opened = isForAnother ? words.openedFor(who, object(requester)) : words.opened(who);
  const followUp = event.changes.find((change) => change.field === "follow_up_of");
  return followUp ? words.asFollowUp(opened, followUp.new) : opened;
}

function personIn(event: Event, field: "assignee" | "requester"): Person | null {
  const change = event.changes.find((change) => change.field === field);
  return change ? (change.new as Person | null) : null;
}

/** Says what an edit did to one field, as the end of a sentence. */
function changesOf(change: Change): string[] {
  const words = t().tickets.changes;
  if (change.field === "tags") return tagChanges(change);
  if (change.field === "description") return [words.description];
  const field = words.fields[change.field];
  const [before, after] = [shown(change, change.old), shown(change, change.new)];
  if (after === "") return [words.removed(field, before)];
  return before === "" ? [words.set(field, after)] : [words.changed(field, before, after)];
}

function tagChanges({ old, new: next }: Schemas["TagsChange"]): string[] {
  const words = t().tickets.changes;
  const added = (next ?? []).filter((tag) => !old?.includes(tag)).map(isolated);
  const removed = (old ?? []).filter((tag) => !next?.includes(tag)).map(isolated);
  if (added.length + removed.length === 0) return [words.tagsReordered];
  return [
    ...(added.length > 0 ? [words.tagsAdded(listOf(added), added.length)] : []),
    ...(removed.length > 0 ? [words.tagsRemoved(listOf(removed), removed.length)] : []),
  ];
}

function shown(change: Change, value: Change["old"] | Change["new"]): string {
  if (value === null) return "";
  if (change.field === "priority") return t().common.priorities[value as Schemas["Priority"]];
  if (typeof value === "string") return isolated(value);
  return typeof value === "object" && "name" in value ? isolated(value.name) : String(value);
}

/** Returns several parts of a sentence as one. */
export function listOf(parts: string[]): string {
  return new Intl.ListFormat(language.value, { type: "conjunction" }).format(parts);
}

/** Says in a sentence that something new is on the ticket. */
export function announcementOf(item: Item): string {
  if (item.kind === "event") return sentenceOf(item);
  const who = subject(authorOf(item), item.via);
  return item.kind === "note" ? t().tickets.wroteNote(who) : t().tickets.wrote(who);
}
