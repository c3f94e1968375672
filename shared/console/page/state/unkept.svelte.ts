/**
 * What the browser could not keep. It lasts as long as the page, whatever part of it is shown, and
 * the browser asks before the page is left or loaded again.
 */
const texts = new Map<string, string>();
let isEmpty = $state(true);

const ask = (event: BeforeUnloadEvent) => event.preventDefault();

export const unkept = {
  /** Whether the browser has all that was typed. */
  get isEmpty(): boolean {
    return isEmpty;
  },

  get(name: string): string | undefined {
    return texts.get(name);
  },

  set(name: string, text: string): void {
    texts.set(name, text);
    isEmpty = false;
    addEventListener("beforeunload", ask);
  },

  delete(name: string): void {
    if (!texts.delete(name) || texts.size > 0) return;
    isEmpty = true;
    // Some browsers load a page that might ask anew on the way back to it.
    removeEventListener("beforeunload", ask);
  },
};
