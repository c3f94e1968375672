import type { Schemas } from "../api/client";
import { t } from "./words.svelte";

type Notification = Pick<Schemas["Notification"], "event" | "reason">;

/** A part of a sentence. `who` and `what` are words of people. */
export interface Part {
  kind: "words" | "who" | "what";
  text: string;
}

/** Returns what a notification says, part by part. */
export function partsOf({ event, reason }: Notification): Part[] {
  const { sentences, special, helpDesk } = t().inbox;
  const sentence = special[`${event.type}/${reason}`] ?? sentences[event.type];
  const who = event.actor.role === "system" ? helpDesk : event.actor.name;
  return sentence
    .split(/(\{who\}|\{what\})/)
    .filter(Boolean)
    .map((part) => {
      if (part === "{who}") return { kind: "who", text: who };
      if (part === "{what}") return { kind: "what", text: event.title };
      return { kind: "words", text: part };
    });
}

/** Returns what a notification says, where only plain text can be shown. */
export function sentenceOf(notification: Notification): string {
  return partsOf(notification)
    .map(({ kind, text }) => {
      if (kind === "words") return text;
      return kind === "who" ? isolated(text) : `“${isolated(text)}”`;
    })
    .join("");
}

/** Keeps the characters of a text from turning the direction of what is around it. */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
