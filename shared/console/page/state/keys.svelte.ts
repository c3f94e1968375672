import { shortcuts } from "./shortcuts.svelte";

/** What a key does. */
export interface Binding {
  /** The `key` of the event: `j`, `X` for Shift+x, `Enter`, or two with a space, such as `g q`. */
  key: string;
  label: () => string;
  run: () => void;
  /** Whether it runs again while the key is held down. */
  repeats?: boolean;
}

/** Keys that were bound together, and where they work, in words. */
export interface Scope {
  name: (() => string) | undefined;
  bindings: readonly Binding[];
}

/** How long to wait for the second key of two, in milliseconds. */
const SECOND_KEY_MS = 1_500;

/** The keys that do something now. Later ones hide earlier ones. */
export class Keys {
  /** What is bound now, for the sheet of keys. */
  bound = $state.raw<readonly Scope[]>([]);
  /** Whether the sheet of keys is open. */
  isSheetOpen = $state(false);
  #scopes: readonly Scope[] = [];
  #first = "";
  #firstAt = 0;

  /** Binds keys. Returns a function that ends this. */
  bind(scope: Scope): () => void {
    this.#show([...this.#scopes, scope]);
    return () => this.#show(this.#scopes.filter((other) => other !== scope));
  }

  /** Returns what a key does. The first key of two does nothing yet, and waits for the second. */
  press(key: string, now: number): Binding | "waiting" | undefined {
    const isSecond = this.#first !== "" && now - this.#firstAt < SECOND_KEY_MS;
    const first = this.#first;
    this.#first = "";
    const found = (isSecond && this.#find(`${first} ${key}`)) || this.#find(key);
    if (found) return found;
    if (!this.#all().some((binding) => binding.key.startsWith(`${key} `))) return undefined;
    this.#first = key;
    this.#firstAt = now;
    return "waiting";
  }

  #find(key: string): Binding | undefined {
    return this.#all().findLast((binding) => binding.key === key);
  }

  #all(): Binding[] {
    return this.#scopes.flatMap((scope) => scope.bindings);
  }

  /** Keeps a plain copy, so that an effect that binds keys does not depend on those of others. */
  #show(scopes: readonly Scope[]): void {
    this.#scopes = scopes;
    this.bound = scopes;
  }
}

export const keys = new Keys();

/**
 * Binds keys while an effect lives: `$effect(() => bindKeys([…]))`. `scope` says where they work;
 * without it they belong to the page that is shown.
 */
export function bindKeys(bindings: readonly Binding[], scope?: () => string): () => void {
  // The same listener is added once, however often this is called.
  document.addEventListener("keydown", onKeydown);
  return keys.bind({ name: scope, bindings });
}

/** Returns a key as it is bound: a letter is upper case with Shift, whatever Caps Lock says. */
export function keyOf({ key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">): string {
  if (key.length > 1) return key;
  return shiftKey ? key.toUpperCase() : key.toLowerCase();
}

/** What is open before the page. A toast (a manual popover) is not in the way. */
const OPEN_LAYER = "dialog[open], [popover]:not([popover=manual]):popover-open";
const EDITABLE = "[contenteditable]:not([contenteditable=false])";
const TYPING = `input:not([type=checkbox]), textarea, select, ${EDITABLE}`;
/** What Enter already does something with. */
const ACTIVATED = "a[href], button, summary, input";

/** Says whether a key belongs to something else: a text, the browser, or what is open. */
function isSilent(event: KeyboardEvent): boolean {
  if (!shortcuts.enabled || event.defaultPrevented) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  // Some browsers report the last key of a composition only by this number.
  if (event.isComposing || event.keyCode === 229) return true;
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest(TYPING)) return true;
  if (event.key === "Enter" && target.closest(ACTIVATED)) return true;
  return document.querySelector(OPEN_LAYER) !== null;
}

function onKeydown(event: KeyboardEvent): void {
  if (isSilent(event)) return;
  const pressed = keys.press(keyOf(event), event.timeStamp);
  if (!pressed) return;
  event.preventDefault();
  if (pressed === "waiting" || (event.repeat && !pressed.repeats)) return;
  pressed.run();
}
