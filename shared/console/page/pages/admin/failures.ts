import { Refused, slugOf, Unreachable } from "../../api/problem";
import { faultAt, reasonOf } from "../../words/failures";
import { words } from "./words";

/** Says why an admin's request failed, but not what is wrong with its fields. */
export function whyNot(failure: unknown): string | undefined {
  const isOfFields = failure instanceof Refused && failure.problem.errors.length > 0;
  if (isOfFields) return faultAt(failure, "");
  const refusals: Record<string, string> = words().common.refusals;
  return refusals[slugOf(failure)] ?? reasonOf(failure);
}

/** Says whether it may have been done although it failed. Nothing repeats such a request safely. */
export function mayBeDone(failure: unknown): boolean {
  if (failure instanceof Refused) return failure.problem.status >= 500;
  return failure instanceof Unreachable;
}
