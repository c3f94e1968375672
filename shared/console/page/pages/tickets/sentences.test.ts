import { beforeAll, expect, test, vi } from "vitest";
import type { Schemas } from "../../api/client";
import type { Ticket } from "../../state/tickets.svelte";
import type { Item } from "../../state/timeline";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("document", { documentElement: {}, addEventListener: () => {} });
vi.mock("../../api/session.svelte", () => ({ session: { me: { id: "tina" } } }));

const { speak } = await import("../../words/words.svelte");
const { announcementOf, sentenceOf } = await import("./sentences");
const { waitingOn } = await import("./waiting");

type Event = Schemas["Event"];
type Change = Schemas["Change"];

const rita = { id: "rita", name: "Rita", role: "user" } as const;
const tina = { id: "tina", name: "Tina", role: "technician" } as const;
const tom = { id: "tom", name: "Tom", role: "technician" } as const;
const system = { id: "0", name: "Help desk", role: "system" } as const;
const gateway = { id: "g", name: "Mail gateway", role: "user" } as const;

beforeAll(() => speak("en"));

function event(type: Event["type"], actor: Event["actor"], ...changes: Change[]): Event {
  const fields = { id: "e", seq: 2, ticket: 7, via: null, from_status: null, to_status: null };
  return { ...fields, type, actor, changes, reason: null, at: "T", hash: "h" };
}

/** Returns the sentence without the marks around texts of people. */
const said = (event: Event) => sentenceOf(event).replace(/[\u2068\u2069]/g, "");

function assignee(person: Event["actor"]): Change {
  return { field: "assignee", old: null, new: person };
}

test("the actor, the technician and the change are named", () => {
  expect(said(event("assigned", tom, assignee(tom)))).toBe("Tom took the ticket");
  expect(said(event("assigned", tina, assignee(tina)))).toBe("You took the ticket");
  expect(said(event("assigned", tom, assignee(tina)))).toBe("Tom assigned the ticket to you");
  expect(said(event("handed_over", tina, assignee(tom)))).toBe(
    "You handed the ticket over to Tom",
  );
});

test("an edit says each field with its old and new value", () => {
  const priority: Change = { field: "priority", old: "normal", new: "high" };
  expect(said(event("updated", tom, priority))).toBe(
    "Tom changed the priority from Normal to High",
  );
  const category: Change = { field: "category", old: null, new: "Hardware" };
  const tags: Change = { field: "tags", old: ["a"], new: ["a", "b", "c"] };
  expect(said(event("updated", tom, category, tags))).toBe(
    "Tom set the category to Hardware and added the tags b and c",
  );
  expect(said(event("updated", tom, { field: "category", old: "Hardware", new: null }))).toBe(
    "Tom removed the category Hardware",
  );
  expect(said(event("updated", tom, { field: "tags", old: ["a"], new: null }))).toBe(
    "Tom removed the tag a",
  );
  expect(said(event("updated", rita, { field: "description", old: "x", new: "y" }))).toBe(
    "Rita edited the description",
  );
});

test("a ticket may be opened for another person, by a program, or as a follow-up", () => {
  const requester: Change = { field: "requester", old: null, new: rita };
  expect(said(event("opened", tom, requester))).toBe("Tom opened the ticket for Rita");
  const followUp: Change = { field: "follow_up_of", old: null, new: 3 };
  const mailed = { ...event("opened", rita, requester, followUp), via: gateway };
  expect(said(mailed)).toBe("Rita via Mail gateway opened the ticket as a follow-up of #3");
});

test("the help desk closes, and a reopened ticket may be in the queue", () => {
  expect(said(event("closed", system))).toMatch(/^The help desk closed the ticket/);
  expect(said({ ...event("reopened", rita), to_status: "open" })).toMatch(/back in the queue$/);
  expect(said({ ...event("reopened", rita), to_status: "in_progress" })).toBe(
    "Rita reopened the ticket",
  );
});

test("in Portuguese, too", async () => {
  await speak("pt-BR");
  const priority: Change = { field: "priority", old: "normal", new: "high" };
  const tags: Change = { field: "tags", old: null, new: ["vpn"] };
  expect(said(event("updated", tom, priority, tags))).toBe(
    "Tom mudou a prioridade de Normal para Alta e adicionou a etiqueta vpn",
  );
  expect(said(event("assigned", tina, assignee(tina)))).toBe("Você assumiu o chamado");
  await speak("en");
});

function written(kind: "comment" | "note", author: Event["actor"]): Item {
  const fields = { ticket: 7, author, via: null, body: "x", created_at: "T" };
  return kind === "note" ? { kind, id: "n", ...fields } : { kind, id: "c", seq: 3, ...fields };
}

test("what is new is announced in a sentence", () => {
  expect(announcementOf(written("comment", rita))).toContain("Rita");
  expect(announcementOf(written("note", tom))).toMatch(/wrote a note$/);
});

test("it is said who is waited for", () => {
  const ticket = { number: 7, requester: rita, assignee: tom, status: "in_progress" } as Ticket;
  const waiting = (items: Item[], me: Event["actor"], status = ticket.status) =>
    waitingOn({ ...ticket, status }, items, me).replace(/[\u2068\u2069]/g, "");
  expect(waiting([], rita, "open")).toBe("Waiting for a technician to take it.");
  expect(waiting([written("comment", rita)], rita)).toBe("Tom is working on it.");
  expect(waiting([written("comment", tom)], rita)).toMatch(/^Tom .* wrote last/);
  expect(waiting([written("comment", rita)], tom)).toMatch(/^You are working .*Rita wrote last/);
  // A note is not an answer to the requester.
  expect(waiting([written("comment", rita), written("note", tom)], rita)).toBe(
    "Tom is working on it.",
  );
  expect(waiting([], rita, "resolved")).toMatch(/^Is it solved/);
  expect(waiting([], tom, "resolved")).toMatch(/^Waiting for Rita/);
  expect(waiting([], rita, "closed")).toMatch(/^Closed for good/);
});
