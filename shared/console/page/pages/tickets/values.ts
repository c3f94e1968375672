import type { Schemas } from "../../api/client";
import { changesOf, type Edits } from "../../state/edits";
import type { Ticket } from "../../state/tickets.svelte";

/** The fields of a ticket that can be edited. No category is "". */
export interface Values {
  title: string;
  description: string;
  priority: Schemas["Priority"];
  category: string;
  tags: readonly string[];
}

export type FieldName = keyof Values;

export function valuesOf({ title, description, priority, category, tags }: Ticket): Values {
  return { title, description, priority, category: category ?? "", tags };
}

/** Returns the merge patch that makes the ticket what the person wants. */
export function patchOf(edits: Edits<Values>, ticket: Values): Schemas["TicketPatch"] {
  const changes = changesOf(edits, ticket);
  const { category, tags } = changes;
  return {
    ...(changes as Schemas["TicketPatch"]),
    ...(category === undefined ? {} : { category: category || null }),
    ...(tags === undefined ? {} : { tags: tags.length > 0 ? [...tags] : null }),
  };
}
