import type { Action } from "../../pages/lists/actions";
import type { Column, FilterName, ListName } from "../../pages/lists/lists";

const caps: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

const tickets = (count: number) => (count === 1 ? "1 ticket" : `${count} tickets`);

const columns: Record<Column, string> = {
  number: "Number",
  title: "Title",
  status: "Status",
  priority: "Priority",
  requester: "Requester",
  assignee: "Assignee",
  created: "Opened",
  updated: "Updated",
};

const filters: Record<FilterName, string> = {
  status: "Status",
  assignee: "Assignee",
  requester: "Requester",
  priority: "Priority",
  category: "Category",
  tag: "Tag",
};

const empty: Record<ListName, { title: string; text: string }> = {
  queue: {
    title: "The queue is empty",
    text: "Every ticket has a technician. New ones appear here.",
  },
  work: { title: "Nothing to work on", text: "Take a ticket from the queue to see it here." },
  all: { title: "No tickets yet", text: "Tickets appear here when people open them." },
  mine: {
    title: "You have no tickets yet",
    text: "Tell us what you need help with, and follow it here.",
  },
};

const done: Record<Action, (count: number) => string> = {
  take: (count) => `${tickets(count)} taken`,
  close: (count) => `${tickets(count)} closed`,
  note: (count) => `Note added to ${tickets(count)}`,
};

const running: Record<Action, string> = {
  take: "Taking tickets",
  close: "Closing tickets",
  note: "Adding notes",
};

const actions: Record<Action, string> = { take: "Take", close: "Close", note: "Add note" };

/** The words of the lists of tickets, and of the keys. */
export const lists = {
  columns,
  filters,
  empty,
  subtitles: {
    queue: "Tickets waiting for a technician: the most urgent first, then the oldest.",
    work: "Tickets assigned to you.",
    all: "Every ticket in the help desk.",
    mine: "What you asked for help with, and where it stands.",
  } satisfies Record<ListName, string>,
  tabs: { all: "All", label: "Status" },
  toQueue: "Go to the queue",
  sortBy: (column: string) => `Sort this page by ${column}`,
  sort: "Sort this page by",
  notSorted: "Default",
  ascending: (column: string) => `${column}, ascending`,
  descending: (column: string) => `${column}, descending`,
  moreTags: (count: number) => `+${count}`,
  gone: "No longer in this list",
  filter: "Filter",
  any: "Any",
  me: "Me",
  noAssignee: "Unassigned",
  unknownPerson: "Unknown person",
  requesterEmail: "Requester's email",
  noAccount: "No account has this address.",
  remove: (filter: string) => `Remove the filter ${filter}`,
  ignored: (filters: string) =>
    `The list is not filtered by ${filters}: the address has no valid value for it.`,
  clearFilters: "Clear filters",
  noMatch: "No tickets match these filters",
  noMatchText: "Remove a filter to see more.",
  noMatchYet: "No match so far",
  noMatchYetText: "Many tickets were searched, and there are more to search.",
  lookOn: "Keep searching",
  emptyPage: "No tickets on this page",
  toFirstPage: "Go to the first page",
  pages: "Pages",
  page: (place: number) => `Page ${place}`,
  previous: "Previous",
  next: "Next",
  shown: (count: number, place: number | undefined) =>
    place === undefined || place === 1 ? tickets(count) : `Page ${place}, ${tickets(count)}`,
  news: (added: number, gone: number) => {
    const came = added === 1 ? "1 new ticket" : `${added} new tickets`;
    const went = gone === 1 ? "1 ticket is gone" : `${gone} tickets are gone`;
    if (gone === 0) return came;
    return added === 0 ? went : `${came}, ${went}`;
  },
  show: "Show",
  notUpToDate: "The list could not be updated. Trying again.",
  select: (number: number, title: string) => `Select ticket ${number}, ${title}`,
  selectAll: "Select all tickets on this page",
  selected: (count: number) => `${count} selected`,
  selectionCleared: (count: number) =>
    count === 1
      ? "The filters changed, so 1 ticket is no longer selected."
      : `The filters changed, so ${count} tickets are no longer selected.`,
  clearSelection: "Clear selection",
  selection: "Selected tickets",
  actions,
  running,
  done,
  notDone: (count: number) => (count === 1 ? "1 failed" : `${count} failed`),
  results: "Results",
  ofAll: (finished: number, all: number) => `${finished} of ${all}`,
  states: { waiting: "Waiting", running: "Running", done: "Done", failed: "Failed" },
  retry: (count: number) => `Try again (${count})`,
  changed: (status: string, assignee: string | undefined) =>
    `It was changed in the meantime. Now: ${[status, assignee].filter(Boolean).join(", ")}.`,
  dismiss: "Dismiss",
  noteTitle: (count: number) => `Note on ${tickets(count)}`,
  noteLabel: "Note",
  noteHint: "Only staff see notes. This one is added to each ticket.",
  addNote: "Add note",
  taken: (number: number) => `You took ticket ${number}.`,
  cannotTake: "You cannot take this ticket.",
  views: "Views",
  saveView: "Save view",
  viewTitle: "Save these filters",
  renameTitle: "Rename the view",
  viewName: "Name",
  viewHint: "Views are saved in this browser, for you alone.",
  viewTaken: "A view with this name already exists.",
  viewMenu: (name: string) => `View ${name}`,
  rename: "Rename",
  viewDeleted: (name: string) => `The view ${name} was deleted.`,
  undo: "Undo",
  waitsFor: {
    open: "Waiting for a technician",
    in_progress: (assignee: string) => `${assignee} is working on it`,
    resolved: "Resolved. Close it to confirm, or reopen it.",
    closed: "Closed",
  },
  keys: {
    everywhere: "Everywhere",
    list: "List",
    thisPage: "This page",
    enabled: "Use keyboard shortcuts",
    or: "or",
    shift: "Shift",
    caps,
    nextTicket: "Next ticket",
    previousTicket: "Previous ticket",
    open: "Open the ticket",
    select: "Select the ticket",
    extend: "Select up to this ticket",
    take: "Take the ticket, or the selected ones",
    clear: "Clear selection",
    filter: "Filter",
  },
};
