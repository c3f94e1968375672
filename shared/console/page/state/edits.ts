/** What a person changed: for each field the value before, as they saw it, and theirs. */
export interface Edits<V> {
  base: Partial<V>;
  mine: Partial<V>;
}

export const NONE = { base: {}, mine: {} };

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Returns the edits with one more. A field that is as it is saved is not edited. */
export function edited<V, F extends keyof V>(
  { base, mine }: Edits<V>,
  field: F,
  value: V[F],
  saved: V,
): Edits<V> {
  const before = field in base ? base[field] : saved[field];
  if (isSame(value, saved[field])) return without({ base, mine }, field);
  return { base: { ...base, [field]: before }, mine: { ...mine, [field]: value } };
}

export function without<V>({ base, mine }: Edits<V>, field: keyof V): Edits<V> {
  const rest = (values: Partial<V>) => {
    const { [field]: _, ...others } = values;
    return others as Partial<V>;
  };
  return { base: rest(base), mine: rest(mine) };
}

/** Keeps the person's value of a field although another person changed it, too. */
export function insisted<V>({ base, mine }: Edits<V>, field: keyof V, saved: V): Edits<V> {
  return { base: { ...base, [field]: saved[field] }, mine };
}

export function fieldsOf<V>({ mine }: Edits<V>): (keyof V)[] {
  return Object.keys(mine) as (keyof V)[];
}

/** Returns what there is to save: the values that are not saved yet. */
export function changesOf<V>(edits: Edits<V>, saved: V): Partial<V> {
  const changed = fieldsOf(edits).filter((field) => !isSame(edits.mine[field], saved[field]));
  return Object.fromEntries(changed.map((field) => [field, edits.mine[field]])) as Partial<V>;
}

/** Returns the fields that another person changed since, to something else. */
export function conflictsOf<V>(edits: Edits<V>, saved: V): (keyof V)[] {
  return fieldsOf(edits).filter(
    (field) =>
      !isSame(edits.base[field], saved[field]) && !isSame(edits.mine[field], saved[field]),
  );
}
