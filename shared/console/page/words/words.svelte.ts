import { language, type Language } from "./language.svelte";
import type { en } from "./en";

/** The words of the pages that everyone uses. Those of other pages are in their own folders. */
export type Words = typeof en;

const DICTIONARIES: Record<Language, () => Promise<Words>> = {
  en: () => import("./en").then((module) => module.en),
  "pt-BR": () => import("./pt-BR").then((module) => module.ptBR),
};

let current = $state.raw<Words>();

/** Returns the words in the present language. */
export function t(): Words {
  return current!;
}

/** Loads the words of a language and shows them from now on. */
export async function speak(next: Language): Promise<void> {
  current = await DICTIONARIES[next]();
  language.show(next);
}

/** Shows a language because the person chose it. This browser keeps it. */
export async function choose(next: Language): Promise<void> {
  await speak(next);
  language.keep();
}
