import { parsed } from "./storage";

/** How many pages are remembered. */
const MOST = 200;

/**
 * Which page of a list leads to which, by cursor. A cursor leads forward only, so the way back is
 * what this tab has seen. It survives a reload.
 */
export class Pages {
  #storage: Pick<Storage, "getItem" | "setItem">;
  #before: Map<string, string>;
  #name: string;

  constructor(name: string, storage: Pick<Storage, "getItem" | "setItem">) {
    this.#storage = storage;
    this.#name = `pages/${name}`;
    this.#before = new Map(parsed<[string, string][]>(storage.getItem(this.#name)));
  }

  /** Remembers that the page at a cursor, "" for the first, is followed by another one. */
  remember(cursor: string, next: string): void {
    this.#before.delete(next);
    this.#before.set(next, cursor);
    const kept = [...this.#before].slice(-MOST);
    this.#before = new Map(kept);
    this.#storage.setItem(this.#name, JSON.stringify(kept));
  }

  /** Returns the cursor of the page before, "" for the first, or nothing if it is not known. */
  before(cursor: string): string | undefined {
    return this.#before.get(cursor);
  }

  /** Returns which page it is, from 1, or nothing if the way from the first is not known. */
  place(cursor: string): number | undefined {
    let place = 1;
    for (let at = cursor; at !== ""; place += 1) {
      const before = this.#before.get(at);
      if (before === undefined || place > MOST) return undefined;
      at = before;
    }
    return place;
  }
}
