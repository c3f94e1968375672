import { mayPass, slugOf } from "../api/problem";
import type { Draft, Fields } from "./drafts.svelte";
import { delayAfter } from "./poll";

/** How long to wait before the first further try, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * The sending of one draft.
 *
 * While no answer arrives, it tries again with the same idempotency key, when the browser is back
 * online and after growing waits. The draft is forgotten when it was sent, and not before.
 */
export class Sending<F extends Fields> {
  /** `waiting` means that it was tried, that its outcome is not known, and that it is tried again. */
  state = $state<"idle" | "sending" | "waiting" | "refused">("idle");
  failure = $state.raw<unknown>();
  #draft: Draft<F>;
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(draft: Draft<F>) {
    this.#draft = draft;
  }

  /** Says whether the text must stay as it is, because its outcome is not known yet. */
  get isBusy(): boolean {
    return this.state === "sending" || this.state === "waiting";
  }

  /** Says whether the browser has the text while it is not sent. */
  get isKept(): boolean {
    return this.#draft.isKept;
  }

  /**
   * Sends the draft until there is an answer. Returns it, or `undefined` if the request was refused
   * or the sending was stopped.
   */
  async send<T>(request: (fields: F, key: string) => Promise<T>): Promise<T | undefined> {
    if (this.isBusy) return undefined;
    this.#stopped = false;
    for (let failures = 1; !this.#stopped; failures += 1) {
      this.state = "sending";
      try {
        const { fields, key } = this.#draft;
        const answer = await request(fields, key);
        this.#draft.sent(fields);
        this.#end("idle");
        return answer;
      } catch (failure) {
        this.failure = failure;
        if (!mayPass(failure)) return this.#refuse(failure);
        if (this.#stopped) break;
        this.state = "waiting";
        await this.#pause(delayAfter(failures - 1, failure, RETRY_MS, Math.random()));
      }
    }
    this.#end("idle");
    return undefined;
  }

  /** Tries again now. */
  retry(): void {
    this.#wake?.();
  }

  /** Gives up for now, so that the text can be changed. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #refuse(failure: unknown): undefined {
    // Another text was carried out under this key. What is typed now is a further one.
    if (slugOf(failure) === "idempotency-key-reused") this.#draft.renewKey();
    this.state = "refused";
    return undefined;
  }

  #end(state: "idle"): void {
    this.state = state;
    this.failure = undefined;
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      addEventListener("online", this.#wake, { once: true });
    });
    removeEventListener("online", this.#wake!);
    this.#wake = undefined;
  }
}
