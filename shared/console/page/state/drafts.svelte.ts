import { inBrowser, parsed } from "./storage";
import { unkept } from "./unkept.svelte";

/** The texts of a form, by field. */
export type Fields = Record<string, string>;

interface Stored<F extends Fields> {
  fields: F;
  key: string;
}

/**
 * What a person has typed and not sent yet. It is kept in this browser with every keystroke, under
 * the account and the place it was typed in, until it is sent or discarded.
 *
 * Its idempotency key is made when writing begins, and is the same in every tab and after every
 * reload. So however often it is sent, it is carried out once.
 */
export class Draft<F extends Fields> {
  #storage: string;
  #empty: F;
  #key = "";
  fields = $state.raw() as F;
  /** Whether the browser has it. Otherwise it is in this page alone. */
  isKept = $state(true);

  /** `place` names where it is typed, such as `ticket/7/reply`. `empty` are the fields at first. */
  constructor(account: string, place: string, empty: F) {
    this.#storage = `draft/${account}/${place}`;
    this.#empty = empty;
    this.fields = empty;
    this.#read();
  }

  /** The value for `Idempotency-Key`. */
  get key(): string {
    this.#key ||= `console-${crypto.randomUUID()}`;
    return this.#key;
  }

  /** Says whether nothing was typed. */
  get isEmpty(): boolean {
    return Object.keys(this.#empty).every((name) => this.fields[name] === this.#empty[name]);
  }

  set(changes: Partial<F>): void {
    this.fields = { ...this.fields, ...changes };
    if (this.isEmpty) this.discard();
    else this.#write();
  }

  /** Forgets it, because it is not wanted. */
  discard(): void {
    this.fields = this.#empty;
    this.#key = "";
    this.isKept = true;
    unkept.delete(this.#storage);
    inBrowser.removeItem(this.#storage);
  }

  /**
   * Forgets what was sent. What was typed on meanwhile, in another tab or where the form was opened
   * again, is another text: it stays, under a key of its own.
   */
  sent(fields: F): void {
    // No form may be there to follow what was typed, and no event tells a tab of its own changes.
    this.#read();
    const isAll = Object.keys(fields).every((name) => this.fields[name] === fields[name]);
    if (isAll || this.isEmpty) this.discard();
    else this.renewKey();
  }

  /** Takes a new key, because the former one stands for another text that was already sent. */
  renewKey(): void {
    this.#key = "";
    this.#write();
  }

  /** Follows what another tab types here. Returns a function that ends this. */
  follow(): () => void {
    const read = (event: StorageEvent) => event.key === this.#storage && this.#read();
    addEventListener("storage", read);
    return () => removeEventListener("storage", read);
  }

  #read(): void {
    const here = unkept.get(this.#storage);
    const stored = parsed<Stored<F>>(here ?? inBrowser.getItem(this.#storage));
    this.fields = { ...this.#empty, ...stored?.fields };
    this.#key = stored?.key ?? "";
    this.isKept = here === undefined;
  }

  #write(): void {
    const text = JSON.stringify({ fields: this.fields, key: this.key } satisfies Stored<F>);
    this.isKept = inBrowser.setItem(this.#storage, text);
    if (this.isKept) unkept.delete(this.#storage);
    else unkept.set(this.#storage, text);
  }
}
