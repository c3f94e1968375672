import { expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("sessionStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
});
const { trail } = await import("./trail.svelte");

test("a ticket has neighbours in the list it was opened from", () => {
  trail.set([7, 3, 9], "/app/queue?tag=vpn");
  expect(trail.next(3)).toBe(9);
  expect(trail.previous(3)).toBe(7);
  expect(trail.next(9)).toBeUndefined();
  expect(trail.previous(7)).toBeUndefined();
  expect(trail.next(1)).toBeUndefined();
  expect(trail.previous(1)).toBeUndefined();
});

test("a reload keeps the list", async () => {
  trail.set([1, 2], "/app/work");
  vi.resetModules();
  const again = (await import("./trail.svelte")).trail;
  expect(again.next(1)).toBe(2);
  expect(again.back).toBe("/app/work");
});
