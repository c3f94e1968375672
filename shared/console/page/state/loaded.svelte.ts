import { untrack } from "svelte";
import { SignedOut } from "../api/problem";
import { session } from "../api/session.svelte";

/** Something that is read from the API. */
export class Loaded<T> {
  data = $state.raw<T>();
  failure = $state.raw<unknown>();
  isLoading = $state(false);
  #request: (() => Promise<T>) | undefined;
  #latest = 0;

  /**
   * Reads what `describe` asks for, and again whenever what it uses changes, or the person signs in
   * again after the session ended. Call it while a component is made.
   */
  follow(describe: () => () => Promise<T>): void {
    $effect(() => {
      if (session.state !== "signed-in") return;
      const request = describe();
      untrack(() => this.load(request));
    });
  }

  /** Reads something else. What was there stays until the answer arrives. */
  async load(request: () => Promise<T>): Promise<void> {
    this.#request = request;
    try {
      await this.refresh();
    } catch {
      this.data = undefined;
    }
  }

  /**
   * Reads the same once more because the person asks for it. That it failed stays until the answer
   * arrives, because the button that was pressed is shown with it and has the focus.
   */
  async again(): Promise<void> {
    await this.refresh().catch(() => {});
  }

  /** Reads the same again. What is there stays, even if this fails. */
  async refresh(): Promise<void> {
    const reading = ++this.#latest;
    const isOutdated = () => reading !== this.#latest;
    this.isLoading = true;
    try {
      const data = await this.#request!();
      if (isOutdated()) return;
      this.data = data;
      this.failure = undefined;
    } catch (failure) {
      if (isOutdated()) return;
      // Where the session ended, it is read again after the next sign-in.
      this.failure = failure instanceof SignedOut ? undefined : failure;
      throw failure;
    } finally {
      if (!isOutdated()) this.isLoading = false;
    }
  }
}
