/** The characters that begin and end an isolate (UAX #9). */
const BEGIN = "\u2068";
const END = "\u2069";
const ISOLATES = /[\u2066-\u2069]/g;

/**
 * Marks a text of a person within a sentence, so that it turns the direction of nothing around it.
 * `Isolated.svelte` shows such a sentence.
 */
export function isolated(text: string): string {
  return `${BEGIN}${text.replace(ISOLATES, "")}${END}`;
}

/** Returns the parts of such a sentence. Each second one is a text of a person. */
export function partsOf(sentence: string): string[] {
  return sentence.split(ISOLATES);
}
