/** What is read when a section opens, and read again when the person asks for it. */
export class Loaded<T> {
  value = $state.raw<T>();
  failure = $state.raw<unknown>();
  #load: () => Promise<T>;

  constructor(load: () => Promise<T>) {
    this.#load = load;
    void this.again();
  }

  async again(): Promise<void> {
    this.failure = undefined;
    try {
      this.value = await this.#load();
    } catch (failure) {
      this.failure = failure;
    }
  }
}
