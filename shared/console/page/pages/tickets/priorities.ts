import type { Schemas } from "../../api/client";
import { t } from "../../words/words.svelte";

/** How many tags a ticket may have. */
export const TAGS = 10;

const ORDER: readonly Schemas["Priority"][] = ["low", "normal", "high", "urgent"];

/** Returns the priorities as the options of a field. */
export function priorities(): { value: Schemas["Priority"]; label: string }[] {
  return ORDER.map((value) => ({ value, label: t().common.priorities[value] }));
}
