/** How many seconds are left of a wait. */
export class Countdown {
  left = $state(0);
  #until = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Begins a wait of that many seconds, in place of the former one. */
  start(seconds: number): void {
    this.#until = Date.now() + seconds * 1000;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#count(), 1000);
    this.#count();
  }

  #count(): void {
    // A tab in the background counts late, so each step looks at the clock.
    this.left = Math.max(0, Math.ceil((this.#until - Date.now()) / 1000));
    if (this.left === 0) clearInterval(this.#timer);
  }
}
