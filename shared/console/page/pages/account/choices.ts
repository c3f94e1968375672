import { THEMES } from "../../state/theme.svelte";
import { LANGUAGES, type Language } from "../../words/language.svelte";
import { words } from "./words";

/** The languages to choose from, each in its own words. */
export const languages = (Object.keys(LANGUAGES) as Language[]).map((value) => ({
  value,
  label: LANGUAGES[value],
  lang: value,
}));

/** The themes to choose from. */
export function themes() {
  return THEMES.map((value) => ({ value, label: words().themes[value] }));
}
