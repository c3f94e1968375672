/** Something that a person does once: whether it is under way, and why it failed. */
export class Action {
  busy = $state(false);
  failure = $state.raw<unknown>();

  /** Does it, and says whether it succeeded. While it is under way, nothing more is done. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = undefined;
    try {
      await work();
      return true;
    } catch (failure) {
      this.failure = failure;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
