import { answered, api, type Schemas } from "../../api/client";

type User = Schemas["User"];

/** How many accounts are read at once. */
const LIMIT = 100;

/** Reads every active technician, page by page. `onpage` gets all that are known so far. */
export async function readTechnicians(onpage: (known: readonly User[]) => void): Promise<void> {
  const known: User[] = [];
  let cursor: string | undefined;
  do {
    const query = { role: "technician" as const, limit: LIMIT, ...(cursor ? { cursor } : {}) };
    const { data } = await answered(api.GET("/v1/users", { params: { query } }));
    known.push(...data.items.filter((user) => user.active));
    onpage([...known]);
    cursor = data.next_cursor ?? undefined;
  } while (cursor);
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
