import { answered, api, type Schemas } from "../api/client";

/** How many accounts are read at once. */
const LIMIT = 100;

/** Reads every technician, page by page. `onpage` gets all that are known so far. */
export async function readTechnicians(
  onpage: (known: readonly Schemas["User"][]) => void,
): Promise<void> {
  const known: Schemas["User"][] = [];
  let cursor: string | undefined;
  do {
    const query = { role: "technician" as const, limit: LIMIT, ...(cursor ? { cursor } : {}) };
    const { data } = await answered(api.GET("/v1/users", { params: { query } }));
    known.push(...data.items);
    onpage([...known]);
    cursor = data.next_cursor ?? undefined;
  } while (cursor);
}
