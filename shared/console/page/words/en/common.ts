import type { Problem } from "../../api/problem";
import type { Schemas } from "../../api/client";

const roles: Record<Schemas["Person"]["role"], string> = {
  user: "User",
  technician: "Technician",
  admin: "Admin",
  system: "Help desk",
};

const statuses: Record<Schemas["Status"], string> = {
  open: "Open",
  in_progress: "In progress",
  resolved: "Resolved",
  closed: "Closed",
};

const priorities: Record<Schemas["Priority"], string> = {
  low: "Low",
  normal: "Normal",
  high: "High",
  urgent: "Urgent",
};

/** Why a request was refused, where the API says it to programs rather than to people. */
const REFUSALS: Record<string, string> = {
  "invalid-transition": "The status of the ticket has changed, so this is no longer possible.",
  "ticket-closed": "The ticket is closed for good. Open a follow-up instead.",
  "invalid-cursor": "This list has no such page.",
  conflict: "Another change was made at the same time. Try again.",
  "precondition-failed": "The ticket has changed in the meantime.",
  "idempotency-key-reused": "An earlier version of this was already sent.",
  "too-large": "The text is too long.",
  "validation-failed": "Check the highlighted fields.",
  internal: "Something went wrong on our side. Try again.",
  unavailable: "The help desk took too long to respond. Try again.",
};

/** The words that several pages share. */
export const common = {
  tryAgain: "Try again",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  saved: "Saved",
  delete: "Delete",
  more: "Show more",
  copy: "Copy",
  copied: "Copied",
  optional: "optional",
  loading: "Loading",
  you: "You",
  left: (characters: number) => {
    const many = Math.abs(characters);
    const words = many === 1 ? "1 character" : `${many} characters`;
    return characters < 0 ? `${words} too many` : `${words} left`;
  },
  tooLong: (most: number) => `Use at most ${most} characters.`,
  required: "Fill this in.",
  tooMany: "Too many attempts.",
  wait: (time: string) => `You can try again in ${time}.`,
  done: "Done",
  mayExist: "It may have been created anyway. Check the list before you try again.",
  notKept: "This browser could not save your draft. Send it before you leave this page.",
  /** Why a request was refused. */
  refused: (problem: Problem) =>
    REFUSALS[problem.slug] ?? (problem.detail || "The help desk could not do this."),
  failed: "Something went wrong on this page. Reload it.",
  signedOut: "You were signed out before this was done. Sign in, then try again.",
  unreachable: "The help desk cannot be reached. Check your connection and try again.",
  roles,
  statuses,
  priorities,
};
