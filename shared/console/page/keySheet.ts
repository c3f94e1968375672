import type { Binding, Scope } from "./state/keys.svelte";

/** What is written on one line: what is done, and the keys that do it. */
export interface Line {
  label: string;
  keys: string[];
}

/** The keys that work in one place. */
export interface Section {
  name: string;
  lines: Line[];
}

/**
 * Returns what really happens, the last bound first: a key that a later scope has too is hidden.
 * Scopes of one name are one section. `unnamed` is the name of those that have none.
 */
export function sectionsOf(bound: readonly Scope[], unnamed: string): Section[] {
  const taken = new Set<string>();
  const sections = new Map<string, Binding[]>();
  for (const { name, bindings } of bound.toReversed()) {
    const own = bindings.filter(({ key }) => !taken.has(key));
    own.forEach(({ key }) => taken.add(key));
    const section = name?.() ?? unnamed;
    sections.set(section, [...(sections.get(section) ?? []), ...own]);
  }
  return [...sections]
    .map(([name, bindings]) => ({ name, lines: linesOf(bindings) }))
    .filter(({ lines }) => lines.length > 0);
}

/** Puts keys that do the same on one line. */
function linesOf(bindings: readonly Binding[]): Line[] {
  const lines = new Map<string, string[]>();
  for (const { key, label } of bindings) {
    lines.set(label(), [...(lines.get(label()) ?? []), key]);
  }
  return [...lines].map(([label, keys]) => ({ label, keys }));
}
