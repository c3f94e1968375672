/**
 * What the browser could not keep. It lasts as long as the page, whatever part of it is shown, and
 * the browser asks before the page is left or loaded again.
 */
const texts = new Map<string, string>();

const ask = (event: BeforeUnloadEvent) => event.preventDefault();

export const unkept = {
  get isEmpty(): boolean {
    return texts.size === 0;
  },

  get(name: string): string | undefined {
    return texts.get(name);
  },

  set(name: string, text: string): void {
    texts.set(name, text);
    addEventListener("beforeunload", ask);
  },

  delete(name: string): void {
    const isLast = texts.delete(name) && texts.size === 0;
    // Some browsers load a page that might ask anew on the way back to it.
    if (isLast) removeEventListener("beforeunload", ask);
  },
};
