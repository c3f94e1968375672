import type { paths } from "../../api/schema";
import { PRIORITIES, STATUSES, type Column, type FilterName, type List } from "./lists";

export type Filters = Partial<Record<FilterName, string>>;

/** How many tickets a page has. */
const LIMIT = 50;

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** How many characters a word may have. */
export const LONGEST = { category: 50, tag: 30 } as const;

/** Says whether the API accepts a value. An address can be typed, and links can be old. */
const IS_VALID: Record<FilterName, (value: string) => boolean> = {
  status: (value) => STATUSES.some((status) => status === value),
  assignee: (value) => value === "me" || value === "none" || ID.test(value),
  requester: (value) => value === "me" || ID.test(value),
  priority: (value) => PRIORITIES.some((priority) => priority === value),
  category: (value) => isWord(value, LONGEST.category),
  tag: (value) => isWord(value, LONGEST.tag),
};

function isWord(value: string, most: number): boolean {
  const length = [...value.trim()].length;
  return length > 0 && length <= most;
}

export function isValid(name: FilterName, value: string): boolean {
  return IS_VALID[name](value);
}

/** Reads the filters of a list from the query of its address. `ignoredOf` returns the others. */
export function filtersOf(list: List, query: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of list.filters) {
    const value = query.get(name);
    if (value !== null && IS_VALID[name](value)) filters[name] = value;
  }
  return filters;
}

/** Returns the filters of an address that do not count, because there is no such value. */
export function ignoredOf(list: List, query: URLSearchParams): FilterName[] {
  return list.filters.filter((name) => {
    const value = query.get(name)?.trim();
    return value && !IS_VALID[name](value);
  });
}

/** How the rows of a page are sorted. */
export interface Sort {
  column: Column;
  isDescending: boolean;
}

/** Reads the sort from the query of an address: `-updated` is descending. */
export function sortOf(list: List, query: URLSearchParams): Sort | undefined {
  const text = query.get("sort") ?? "";
  const column = list.columns.find((name) => name === text.replace(/^-/, ""));
  return column && { column, isDescending: text.startsWith("-") };
}

export function textOf(sort: Sort | undefined): string {
  return sort ? `${sort.isDescending ? "-" : ""}${sort.column}` : "";
}

/** Returns the address of a list with these filters, always with its members in the same order. */
export function addressOf(list: List, filters: Filters, sort?: Sort, cursor = ""): string {
  const query = new URLSearchParams();
  for (const name of list.filters) {
    const value = filters[name];
    if (value && value !== list.defaults[name]) query.set(name, value);
  }
  if (sort) query.set("sort", textOf(sort));
  if (cursor) query.set("cursor", cursor);
  const text = query.toString();
  return text ? `${list.path}?${text}` : list.path;
}

export type Request = NonNullable<paths["/v1/tickets"]["get"]["parameters"]["query"]>;

/** Returns what to ask the API for. The filters are valid: `filtersOf` has read them. */
export function requestOf(list: List, filters: Filters, cursor: string): Request {
  const chosen = { ...list.defaults, ...filters, ...list.fixed } as Request;
  return { ...chosen, limit: LIMIT, ...(cursor ? { cursor } : {}) };
}
