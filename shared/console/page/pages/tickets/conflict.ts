import type { Schemas } from "../../api/client";
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

/** What a person changed: for each field the value before, as they saw it, and theirs. */
export interface Edits {
  base: Partial<Values>;
  mine: Partial<Values>;
}

export function valuesOf({ title, description, priority, category, tags }: Ticket): Values {
  return { title, description, priority, category: category ?? "", tags };
}

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Returns the edits with one more. A field that is as the ticket has it is not edited. */
export function edited<F extends FieldName>(
  { base, mine }: Edits,
  field: F,
  value: Values[F],
  ticket: Values,
): Edits {
  const before = field in base ? base[field] : ticket[field];
  if (isSame(value, ticket[field])) return without({ base, mine }, field);
  return { base: { ...base, [field]: before }, mine: { ...mine, [field]: value } };
}

export function without({ base, mine }: Edits, field: FieldName): Edits {
  const { [field]: _base, ...otherBase } = base;
  const { [field]: _mine, ...otherMine } = mine;
  return { base: otherBase, mine: otherMine };
}

/** Keeps the person's value of a field although another person changed it, too. */
export function insisted({ base, mine }: Edits, field: FieldName, ticket: Values): Edits {
  return { base: { ...base, [field]: ticket[field] }, mine };
}

export function fieldsOf({ mine }: Edits): FieldName[] {
  return Object.keys(mine) as FieldName[];
}

/** Returns the fields that another person changed since, to something else. */
export function conflictsOf(edits: Edits, ticket: Values): FieldName[] {
  return fieldsOf(edits).filter(
    (field) =>
      !isSame(edits.base[field], ticket[field]) && !isSame(edits.mine[field], ticket[field]),
  );
}

/** Returns the merge patch that makes the ticket what the person wants. */
export function patchOf(edits: Edits, ticket: Values): Schemas["TicketPatch"] {
  const changed = fieldsOf(edits).filter((field) => !isSame(edits.mine[field], ticket[field]));
  const { title, description, priority, category, tags } = edits.mine;
  const all = {
    title,
    description,
    priority,
    category: category || null,
    tags: tags && tags.length > 0 ? tags : null,
  };
  return Object.fromEntries(changed.map((field) => [field, all[field]]));
}
