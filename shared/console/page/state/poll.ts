import { mayPass, Refused, SignedOut, Unreachable } from "../api/problem";

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
  return Math.max(backedOff * (0.9 + 0.2 * random), wanted * (1 + 0.2 * random));
}

/**
 * Runs a task every so many milliseconds while the page is visible, and at once when it becomes
 * visible or is back online. A refusal that asks for patience is obeyed even then. Returns a
 * function that ends this.
 */
export function poll(task: () => Promise<void>, every: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let notBefore = 0;
  let running = false;
  let ended = false;

  async function run() {
    clearTimeout(timer);
    if (running || ended || document.visibilityState === "hidden") return;
    running = true;
    let failed: unknown;
    try {
      await task();
      failures = 0;
    } catch (failure) {
      failed = failure;
      if (mayPass(failure)) failures += 1;
      else if (!isOfTheApi(failure)) reportError(failure);
    } finally {
      running = false;
    }
    const delay = delayAfter(failures, failed, every, Math.random());
    const isPutOff = failed instanceof Refused && mayPass(failed);
    notBefore = isPutOff ? Date.now() + delay : 0;
    wait(delay);
  }

  function wait(delay: number) {
    if (!ended) timer = setTimeout(run, delay);
  }

  function wake() {
    clearTimeout(timer);
    const patience = notBefore - Date.now();
    if (patience > 0) wait(patience);
    else void run();
  }

  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  wait(delayAfter(0, undefined, every, Math.random()));
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", wake);
    removeEventListener("online", wake);
  };
}

function isOfTheApi(failure: unknown): boolean {
  return [Refused, Unreachable, SignedOut].some((kind) => failure instanceof kind);
}
