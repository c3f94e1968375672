import type { Schemas } from "../../api/client";

export type TicketSummary = Schemas["TicketSummary"];
export type ListName = "queue" | "work" | "all" | "mine";
export type FilterName = "status" | "assignee" | "requester" | "priority" | "category" | "tag";
export type Column = "number" | "title" | "status" | "priority" | "requester" | "assignee" | Times;
type Times = "created" | "updated";

/** One of the lists of tickets. */
export interface List {
  name: ListName;
  path: string;
  /** What the list is about. No filter changes it. */
  fixed: Partial<Record<FilterName, string>>;
  /** What it shows without such a filter. */
  defaults: Partial<Record<FilterName, string>>;
  filters: readonly FilterName[];
  /** The statuses that have a tab. "" is every status. */
  tabs: readonly ("" | Schemas["Status"])[];
  columns: readonly Column[];
  /** Whether tickets can be selected, and filters saved under a name. */
  isForStaff: boolean;
}

export const LISTS: Record<ListName, List> = {
  queue: {
    name: "queue",
    path: "/app/queue",
    fixed: { status: "open" },
    defaults: {},
    filters: ["priority", "category", "tag"],
    tabs: [],
    columns: ["title", "number", "priority", "requester", "created"],
    isForStaff: true,
  },
  work: {
    name: "work",
    path: "/app/work",
    fixed: { assignee: "me" },
    defaults: { status: "in_progress" },
    filters: ["status", "priority", "category", "tag"],
    tabs: ["in_progress", "resolved", "closed"],
    columns: ["title", "number", "priority", "requester", "updated"],
    isForStaff: true,
  },
  all: {
    name: "all",
    path: "/app/all",
    fixed: {},
    defaults: {},
    filters: ["status", "assignee", "requester", "priority", "category", "tag"],
    tabs: [],
    columns: ["title", "number", "status", "priority", "requester", "assignee", "updated"],
    isForStaff: true,
  },
  mine: {
    name: "mine",
    path: "/app/tickets",
    fixed: { requester: "me" },
    defaults: {},
    filters: ["status"],
    tabs: ["", "open", "in_progress", "resolved", "closed"],
    columns: ["title", "number", "status", "updated"],
    isForStaff: false,
  },
};

export const STATUSES = ["open", "in_progress", "resolved", "closed"] as const;
/** From the least to the most urgent. */
export const PRIORITIES = ["low", "normal", "high", "urgent"] as const;
