import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused, SignedOut, Unreachable, type Problem } from "../api/problem";
import { delayAfter, poll } from "./poll";

const EVERY_MS = 1_000;
/** More than the longest wait between two polls that succeed. */
const INTERVAL_MS = EVERY_MS * 1.1;

let page: EventTarget & { visibilityState: string };
let browser: EventTarget;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  browser = new EventTarget();
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", browser.addEventListener.bind(browser));
  vi.stubGlobal("removeEventListener", browser.removeEventListener.bind(browser));
});

afterEach(() => {
  end?.();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function refused(status: number, retryAfter = 0): Refused {
  const problem: Problem = {
    slug: "",
    status,
    detail: "",
    errors: [],
    allowed: [],
    retryAfter,
  };
  return new Refused(problem, new Response());
}

function show(state: "visible" | "hidden"): void {
  page.visibilityState = state;
  page.dispatchEvent(new Event("visibilitychange"));
}

/** Polls with a task that fails like this, one after the other, and then succeeds. */
function polled(...failures: unknown[]) {
  const task = vi.fn(async () => {
    const failure = failures.shift();
    if (failure) throw failure;
  });
  end = poll(task, EVERY_MS);
  return task;
}

test("the delay doubles with each failure, up to five minutes", () => {
  const delays = [0, 1, 2, 3].map((failures) => delayAfter(failures, undefined, 30_000, 0.5));
  expect(delays).toEqual([30_000, 60_000, 120_000, 240_000]);
  expect(delayAfter(20, undefined, 30_000, 0.5)).toBe(300_000);
});

test("the delay is spread, and never shorter than what the API asks for", () => {
  expect(delayAfter(0, undefined, 30_000, 0)).toBe(27_000);
  expect(delayAfter(0, undefined, 30_000, 1)).toBe(33_000);
  expect(delayAfter(1, refused(429, 600), 30_000, 0)).toBe(600_000);
  expect(delayAfter(1, refused(429, 600), 30_000, 1)).toBe(720_000);
});

test("it runs again and again, until it is ended", async () => {
  const task = polled();
  expect(task).not.toHaveBeenCalled();
  for (const calls of [1, 2, 3]) {
    await vi.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(task.mock.calls.length).toBeGreaterThanOrEqual(calls);
  }
  end();
  const calls = task.mock.calls.length;
  await vi.advanceTimersByTimeAsync(INTERVAL_MS * 5);
  show("visible");
  browser.dispatchEvent(new Event("online"));
  expect(task).toHaveBeenCalledTimes(calls);
});

test("it rests while the page is hidden, and runs at once when it is visible", async () => {
  const task = polled();
  show("hidden");
  await vi.advanceTimersByTimeAsync(INTERVAL_MS * 10);
  expect(task).not.toHaveBeenCalled();
  show("visible");
  expect(task).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(task).toHaveBeenCalledTimes(2);
});

test("it runs at once when the network is back", async () => {
  const task = polled(new Unreachable(), new Unreachable(), new Unreachable());
  await vi.advanceTimersByTimeAsync(INTERVAL_MS * 7);
  expect(task).toHaveBeenCalledTimes(3);
  browser.dispatchEvent(new Event("online"));
  expect(task).toHaveBeenCalledTimes(4);
});

test("it backs off while the API fails, and is back to its pace afterwards", async () => {
  const task = polled(refused(503), refused(503));
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(task).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(EVERY_MS * 1.7);
  expect(task).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(EVERY_MS * 0.6);
  expect(task).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS * 4);
  expect(task).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(task).toHaveBeenCalledTimes(4);
});

test("a page that becomes visible waits as long as the API asks for", async () => {
  const task = polled(refused(429, 60));
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(task).toHaveBeenCalledTimes(1);
  show("hidden");
  await vi.advanceTimersByTimeAsync(10_000);
  show("visible");
  expect(task).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(65_000);
  expect(task.mock.calls.length).toBeGreaterThan(1);
});

test("it never runs twice at a time", async () => {
  let finish = () => {};
  const task = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
  end = poll(task, EVERY_MS);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  show("visible");
  browser.dispatchEvent(new Event("online"));
  expect(task).toHaveBeenCalledTimes(1);
  finish();
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(task).toHaveBeenCalledTimes(2);
});

test("a fault of the page is reported, an ended session is not", async () => {
  const report = vi.fn();
  vi.stubGlobal("reportError", report);
  const fault = new TypeError();
  polled(new SignedOut(), fault);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS * 3);
  expect(report.mock.calls).toEqual([[fault]]);
});
