import { Refused, Unreachable } from "../api/problem";
import { type Checks, Submission } from "./submission.svelte";

/**
 * The creating of something by a form. Nothing repeats its request safely, so the person is told
 * where it may have been created without an answer.
 */
export class Creation<T> extends Submission {
  /** Whether it may have been created although no answer says so. */
  isUnsure = $state(false);
  /** What was created, while it is shown. */
  made = $state.raw<T>();

  /** Creates it if no check fails. Returns it, or nothing. */
  async create(
    event: SubmitEvent,
    checks: Checks,
    request: () => Promise<{ data: T }>,
  ): Promise<T | undefined> {
    let made: T | undefined;
    this.isUnsure = false;
    await this.send(event, checks, async () => {
      made = (await request().catch((failure) => this.#fail(failure))).data;
    });
    return made;
  }

  override clear(): void {
    super.clear();
    this.isUnsure = false;
    this.made = undefined;
  }

  #fail(failure: unknown): never {
    const isFault = failure instanceof Refused && failure.problem.status >= 500;
    this.isUnsure = isFault || failure instanceof Unreachable;
    throw failure;
  }
}
