import type { Schemas } from "../../api/client";
import type { Language } from "../../words/language.svelte";
import { shortId } from "../tokens/short-id";

export type AuditEntry = Schemas["AuditEntry"];

/** A part of a sentence. `actor` and `subject` may become links. */
export interface Part {
  kind: "text" | "actor" | "subject" | "token";
  text: string;
}

interface AuditWords {
  sentences: Record<string, string>;
  unknown: string;
  fields: Record<string, string>;
  roles: Record<string, string>;
}

/** What scopes of API tokens are called. */
type ScopeWords = Record<string, { label: string }>;

/** Says in a sentence what an entry records. */
export function sentenceOf(
  entry: AuditEntry,
  words: AuditWords,
  scopes: ScopeWords,
  language: Language,
): Part[] {
  const values = valuesOf(entry, words, scopes, new Intl.ListFormat(language));
  const known = templateOf(entry, words);
  const isComplete = known?.every(({ name, text }) => !name || values[text] !== undefined);
  const template = known && isComplete ? known : split(words.unknown);
  return template.map(({ name, text }) => {
    if (!name) return { kind: "text", text };
    const kind = text === "actor" || text === "subject" || text === "token" ? text : "text";
    return { kind, text: values[text]! };
  });
}

/** Returns the template of an entry, if this version knows its type. */
function templateOf({ type, actor, subject }: AuditEntry, { sentences }: AuditWords) {
  const ownType = `${type}_self`;
  const isOwn = subject.kind === "account" && subject.id === actor.id;
  const name = isOwn && Object.hasOwn(sentences, ownType) ? ownType : type;
  return Object.hasOwn(sentences, name) ? split(sentences[name]!) : undefined;
}

/** Splits a template into texts and the names in braces. */
function split(template: string): { name: boolean; text: string }[] {
  return template
    .split(/\{(\w+)\}/)
    .map((text, place) => ({ name: place % 2 === 1, text }))
    .filter(({ text }) => text !== "");
}

/** Returns what the names in a template stand for. Words that are not known stay as they are. */
function valuesOf(
  { actor, subject, type, data }: AuditEntry,
  words: AuditWords,
  scopes: ScopeWords,
  list: Intl.ListFormat,
): Record<string, string | undefined> {
  const labels = Object.fromEntries(
    Object.entries(scopes).map(([scope, { label }]) => [scope, label]),
  );
  const facts = data as Record<string, unknown>;
  const word = (from: Record<string, string>, value: unknown) =>
    typeof value === "string" ? (Object.hasOwn(from, value) ? from[value] : value) : undefined;
  const allOf = (from: Record<string, string>, values: unknown) =>
    Array.isArray(values) ? list.format(values.map((value) => word(from, value) ?? "")) : undefined;
  return {
    type,
    actor: actor.name,
    subject: subject.name ?? shortId(subject.id),
    role: word(words.roles, facts.role),
    from: word(words.roles, facts.from),
    to: word(words.roles, facts.to),
    fields: allOf(words.fields, facts.fields),
    scopes: allOf(labels, facts.scopes),
    token: typeof facts.token_id === "string" ? shortId(facts.token_id) : undefined,
  };
}
