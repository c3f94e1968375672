import type { Schemas } from "../api/client";
import { inBrowser } from "../state/storage";

export type Language = Schemas["Language"];

/** The languages, each in its own words. */
export const LANGUAGES: Record<Language, string> = {
  en: "English",
  "pt-BR": "Português (Brasil)",
};

const STORED = "language";

/** Returns the supported language that this browser prefers. */
function preferred(): Language {
  const stored = inBrowser.getItem(STORED);
  if (stored === "en" || stored === "pt-BR") return stored;
  const known = navigator.languages.map((name) => name.slice(0, 2)).find((name) => /en|pt/.test(name));
  return known === "pt" ? "pt-BR" : "en";
}

class CurrentLanguage {
  value = $state<Language>(preferred());

  /** Says whether a person chose it in this browser. */
  get isChosen(): boolean {
    return inBrowser.getItem(STORED) !== null;
  }

  show(language: Language): void {
    this.value = language;
    document.documentElement.lang = language;
  }

  /** Keeps the present language for every later visit of this browser. */
  keep(): void {
    inBrowser.setItem(STORED, this.value);
  }
}

export const language = new CurrentLanguage();

/** Returns a function that gives the words in the present language. For words of one page. */
export function inBoth<W>(en: W, ptBR: W): () => W {
  return () => (language.value === "pt-BR" ? ptBR : en);
}
