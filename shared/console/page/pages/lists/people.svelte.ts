import { answered, api, type Schemas } from "../../api/client";
import type { TicketSummary } from "./lists";

type Person = Pick<Schemas["Person"], "id" | "name">;

/** The people whose names this tab has read, by id. */
let known = $state.raw<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();

/** Remembers the names of people who were read. */
export function learn(people: readonly Person[]): void {
  known = new Map([...known, ...people.map(({ id, name }) => [id, name] as const)]);
}

/** Returns a person's name: from the tickets that are shown, or as soon as it is read. */
export function nameOf(id: string, tickets: readonly TicketSummary[]): string | undefined {
  const people = tickets.flatMap(({ requester, assignee }) => [requester, assignee ?? requester]);
  const name = people.find((person) => person.id === id)?.name ?? known.get(id);
  if (name === undefined) void ask(id);
  return name;
}

/** Reads a name once. A person whose name cannot be read stays without. */
async function ask(id: string): Promise<void> {
  if (asked.has(id)) return;
  asked.add(id);
  await answered(api.GET("/v1/users/{id}", { params: { path: { id } } }))
    .then(({ data }) => learn([data]))
    .catch(() => {});
}

/** Returns the person whose address it is, or nothing. */
export async function personAt(email: string): Promise<Person | undefined> {
  const { data } = await answered(api.GET("/v1/users", { params: { query: { email } } }));
  learn(data.items);
  return data.items[0];
}
