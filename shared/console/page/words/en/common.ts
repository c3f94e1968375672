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
  /** Why a request was refused. */
  refused: (problem: Problem) => problem.detail || "The help desk could not do this.",
  /** What is wrong with a field. The API says it as the end of the sentence "this field …". */
  fault: (detail: string) =>
    detail.startsWith("the ") ? `T${detail.slice(1)}.` : `This ${detail}.`,
  failed: "Something went wrong on this page. Load it again.",
  unreachable: "The help desk cannot be reached. Check your connection and try again.",
  roles,
  statuses,
  priorities,
};
