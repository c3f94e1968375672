import { t } from "../../words/words.svelte";
import { words } from "./words";

/** The fewest characters of a password to set. The API counts those of the composed form. */
const FEWEST = 12;

/** Returns what is wrong with a password to set, as far as the page can know it. */
export function checkNewPassword(password: string): (() => string) | false {
  if (password === "") return () => t().common.required;
  const length = [...password.normalize("NFC")].length;
  return length < FEWEST && (() => words().tooShort(FEWEST));
}
