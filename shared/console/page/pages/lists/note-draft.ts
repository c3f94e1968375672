import { Draft } from "../../state/drafts.svelte";

/** Returns the note that a person writes on many tickets. */
export function noteDraftOf(account: string): Draft<{ body: string }> {
  return new Draft(account, "bulk-note", { body: "" });
}
