import { beforeEach, expect, test } from "vitest";
import { Pages } from "./pages";

const kept = new Map<string, string>();
const storage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
};

beforeEach(() => kept.clear());

test("the way back is the way that was gone", () => {
  const pages = new Pages("queue", storage);
  pages.remember("", "b");
  pages.remember("b", "c");
  expect(pages.before("c")).toBe("b");
  expect(pages.before("b")).toBe("");
  expect([pages.place(""), pages.place("b"), pages.place("c")]).toEqual([1, 2, 3]);
});

test("a page that was opened by a link has no way back", () => {
  const pages = new Pages("queue", storage);
  pages.remember("c", "d");
  expect(pages.before("c")).toBeUndefined();
  expect(pages.before("d")).toBe("c");
  expect(pages.place("d")).toBeUndefined();
});

test("a reload keeps the way, and another list has its own", () => {
  new Pages("queue", storage).remember("", "b");
  expect(new Pages("queue", storage).before("b")).toBe("");
  expect(new Pages("queue?tag=vpn", storage).before("b")).toBeUndefined();
});

test("cursors that lead in a circle end", () => {
  const pages = new Pages("queue", storage);
  pages.remember("b", "c");
  pages.remember("c", "b");
  expect(pages.place("b")).toBeUndefined();
});
