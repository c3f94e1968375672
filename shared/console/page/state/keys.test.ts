import { beforeEach, expect, test, vi } from "vitest";
import type { Binding, Keys } from "./keys.svelte";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
const { Keys: Class, keyOf } = await import("./keys.svelte");

let keys: Keys;
beforeEach(() => {
  keys = new Class();
});

function bind(name: string, ...bound: string[]): () => void {
  const bindings = bound.map((key) => ({ key, label: () => name, run: () => {} }));
  return keys.bind({ name: () => name, bindings });
}

const nameOf = (found: Binding | "waiting" | undefined) =>
  typeof found === "object" ? found.label() : found;

test("the later binding of a key wins until it ends", () => {
  bind("page", "j");
  const end = bind("dialog", "j");
  expect(nameOf(keys.press("j", 0))).toBe("dialog");
  end();
  expect(nameOf(keys.press("j", 0))).toBe("page");
});

test("two keys in time are one, and the second alone is another", () => {
  bind("queue", "g q");
  bind("quit", "q");
  expect(keys.press("g", 0)).toBe("waiting");
  expect(nameOf(keys.press("q", 1_000))).toBe("queue");
  expect(nameOf(keys.press("q", 1_100))).toBe("quit");
  expect(keys.press("g", 2_000)).toBe("waiting");
  expect(nameOf(keys.press("q", 9_000))).toBe("quit");
});

test("a key that follows no first key does what it does alone", () => {
  bind("queue", "g q");
  bind("next", "j");
  keys.press("g", 0);
  expect(nameOf(keys.press("j", 100))).toBe("next");
  expect(keys.press("q", 200)).toBeUndefined();
});

test("the sheet sees what is bound now", () => {
  const end = bind("list", "j");
  expect(keys.bound.map((scope) => scope.name?.())).toEqual(["list"]);
  end();
  expect(keys.bound).toEqual([]);
});

test("caps lock does not change a key, and Shift does", () => {
  expect(keyOf({ key: "J", shiftKey: false })).toBe("j");
  expect(keyOf({ key: "x", shiftKey: true })).toBe("X");
  expect(keyOf({ key: "?", shiftKey: true })).toBe("?");
  expect(keyOf({ key: "ArrowDown", shiftKey: false })).toBe("ArrowDown");
});
