import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Countdown } from "./countdown.svelte";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a wait is counted down to its end", () => {
  const wait = new Countdown();
  wait.start(3);
  expect(wait.left).toBe(3);
  vi.advanceTimersByTime(2_000);
  expect(wait.left).toBe(1);
  vi.advanceTimersByTime(5_000);
  expect(wait.left).toBe(0);
});

test("a later wait replaces the former one", () => {
  const wait = new Countdown();
  wait.start(60);
  wait.start(2);
  vi.advanceTimersByTime(2_000);
  expect(wait.left).toBe(0);
});

test("a tab that slept counts what is left by the clock", () => {
  const wait = new Countdown();
  wait.start(60);
  vi.setSystemTime(Date.now() + 50_000);
  vi.advanceTimersByTime(1_000);
  expect(wait.left).toBe(9);
});
