import { tick } from "svelte";
import { Refused, slugOf } from "../api/problem";
import { whyNotDone } from "../words/failures";
import { faultAt } from "../words/faults";
import { Countdown } from "./countdown.svelte";

/** What the page itself finds wrong with fields, by the JSON pointers that the API would name. */
export type Checks = Record<string, (() => string) | false>;

/** The sending of a form: whether it runs, and why it was refused. What was typed stays. */
export class Submission {
  busy = $state(false);
  /** How long the API wants no further attempt. */
  wait = new Countdown();
  #failure = $state.raw<unknown>();
  #checks = $state.raw<Checks>({});
  #fields: readonly string[];

  /** `fields` are the JSON pointers of what the form shows. */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /** Why it was refused, in a sentence, unless the fields say it. */
  get reason(): string {
    const failure = this.#failure;
    if (!failure) return "";
    if (slugOf(failure) !== "validation-failed") return whyNotDone(failure);
    const { errors } = (failure as Refused).problem;
    const isShown = errors.every(({ pointer }) => this.#fields.includes(pointer));
    if (isShown && errors.length > 0) return "";
    return faultAt(failure, "") ?? whyNotDone(failure);
  }

  get slug(): string {
    return slugOf(this.#failure);
  }

  /** What is wrong with a field. */
  at(pointer: string): string | undefined {
    const check = this.#checks[pointer];
    return check ? check() : faultAt(this.#failure, pointer);
  }

  /** Forgets why it was refused. */
  clear(): void {
    this.#failure = undefined;
    this.#checks = {};
  }

  /**
   * Sends the form if no check fails. Says whether it was carried out. Otherwise the first wrong
   * field gets the focus.
   */
  async send(
    event: SubmitEvent,
    checks: Checks,
    request: () => Promise<unknown>,
  ): Promise<boolean> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (this.busy || this.wait.left > 0) return false;
    this.#failure = undefined;
    this.#checks = checks;
    if (!Object.values(checks).some(Boolean) && (await this.#carryOut(request))) return true;
    await tick();
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    return false;
  }

  async #carryOut(request: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    try {
      await request();
      return true;
    } catch (failure) {
      this.#failure = failure;
      if (this.slug === "too-many-requests") {
        this.wait.start((failure as Refused).problem.retryAfter);
      }
      return false;
    } finally {
      this.busy = false;
    }
  }
}
