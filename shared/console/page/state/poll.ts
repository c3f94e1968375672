import { mayPass, Refused } from "../api/problem";

/** How long to wait at most between two polls while the API does not answer, in milliseconds. */
const LONGEST_MS = 300_000;

/**
 * Returns how long to wait before the next poll, in milliseconds: `every` while the API answers,
 * twice as long after each failure, and never less than its `Retry-After`. A fifth of it is spread
 * at random, so that the tabs of a company do not come all at once.
 */
export function delayAfter(
  failures: number,
  failure: unknown,
  every: number,
  random: number,
): number {
  const wanted = failure instanceof Refused ? failure.problem.retryAfter * 1000 : 0;
  const backedOff = Math.min(every * 2 ** failures, LONGEST_MS);
  return Math.max(backedOff, wanted) * (0.9 + 0.2 * random);
}

/**
 * Runs a task every so many milliseconds while the page is visible, and at once when it becomes
 * visible again. Returns a function that ends this.
 */
export function poll(task: () => Promise<void>, every: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let running = false;
  let ended = false;

  const isHidden = () => document.visibilityState === "hidden";

  async function run() {
    if (running || ended || isHidden()) return;
    clearTimeout(timer);
    running = true;
    let failed: unknown;
    try {
      await task();
      failures = 0;
    } catch (failure) {
      failed = failure;
      failures = mayPass(failure) ? failures + 1 : failures;
    } finally {
      running = false;
    }
    if (!ended) timer = setTimeout(run, delayAfter(failures, failed, every, Math.random()));
  }

  const onVisible = () => void run();
  document.addEventListener("visibilitychange", onVisible);
  addEventListener("online", onVisible);
  timer = setTimeout(run, delayAfter(0, undefined, every, Math.random()));
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisible);
    removeEventListener("online", onVisible);
  };
}
