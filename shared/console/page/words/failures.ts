import { Refused, SignedOut, Unreachable } from "../api/problem";
import { t } from "./words.svelte";

/** Says in a sentence why something that the person did failed: also that the session ended. */
export function whyNotDone(failure: unknown): string {
  return failure instanceof SignedOut ? t().common.signedOut : reasonOf(failure);
}

/**
 * Says in a sentence why a request failed. An ended session is said by the dialog that asks for the
 * password, so it gets no sentence. A fault of the page itself is reported to the browser, too.
 */
export function reasonOf(failure: unknown): string {
  if (failure instanceof Refused) return t().common.refused(failure.problem);
  if (failure instanceof Unreachable) return t().common.unreachable;
  if (failure instanceof SignedOut) return "";
  reportError(failure);
  return t().common.failed;
}
