import type { Schemas } from "../../api/client";

type User = Schemas["User"];

/** Returns those who can be given a ticket that has this assignee: active technicians. */
export function candidates(
  technicians: readonly User[],
  assignee: Schemas["Person"] | null,
): User[] {
  return technicians.filter(({ active, id }) => active && id !== assignee?.id);
}

/** Returns the technicians whose name or address has every word of a search, in any order. */
export function found(technicians: readonly User[], search: string): User[] {
  const words = folded(search).split(/\s+/).filter(Boolean);
  return technicians.filter(({ name, email }) => {
    const text = folded(`${name} ${email ?? ""}`);
    return words.every((word) => text.includes(word));
  });
}

/** Returns a text without accents and case, so that "Joao" finds "João". */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
