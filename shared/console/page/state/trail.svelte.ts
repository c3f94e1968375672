import { inTab } from "./storage";

const STORED = "trail";

interface Stored {
  numbers: number[];
  back: string;
}

/**
 * The list that a ticket was opened from: its tickets in the order they were shown, for the next
 * and the previous one, and its address for the way back. It survives a reload of this tab.
 */
class Trail {
  numbers = $state.raw<number[]>([]);
  /** The address of the list, or "" if the ticket was opened from none. */
  back = $state("");

  constructor() {
    const stored = inTab.read<Stored>(STORED);
    if (stored) ({ numbers: this.numbers, back: this.back } = stored);
  }

  set(numbers: number[], back: string): void {
    this.numbers = numbers;
    this.back = back;
    inTab.setItem(STORED, JSON.stringify({ numbers, back } satisfies Stored));
  }

  /** Returns the ticket after another one, or nothing at the end of the list. */
  next(number: number): number | undefined {
    const place = this.numbers.indexOf(number);
    return place < 0 ? undefined : this.numbers[place + 1];
  }

  /** Returns the ticket before another one, or nothing at the beginning of the list. */
  previous(number: number): number | undefined {
    const place = this.numbers.indexOf(number);
    return place < 0 ? undefined : this.numbers[place - 1];
  }
}

export const trail = new Trail();
