import { slugOf } from "../../api/problem";
import type { Submission } from "../../state/submission.svelte";
import { toast } from "../../ui/toasts.svelte";
import { whyNotDone } from "../../words/failures";
import type { Action } from "../../state/action.svelte";
import { words } from "./words";

/** Says in a sentence why an admin's request failed. */
export function whyNot(failure: unknown): string {
  const refusals: Record<string, string> = words().common.refusals;
  return refusals[slugOf(failure)] ?? whyNotDone(failure);
}

/** Says in a toast that something was done, or why it was not. */
export function tell({ failure }: Action, done: string): void {
  if (failure) toast({ text: whyNot(failure), tone: "danger" });
  else toast({ text: done, tone: "success" });
}

/** Says what is wrong with the e-mail address of a form, also if another account has it. */
export function faultOfAddress(submission: Submission): string | undefined {
  const isTaken = submission.slug === "email-taken";
  return isTaken ? words().common.refusals["email-taken"] : submission.at("/email");
}
