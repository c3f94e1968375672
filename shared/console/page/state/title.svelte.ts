import { router } from "./router.svelte";

/**
 * The name of what a page shows, such as `#7 The printer is on fire`, for the name of the tab.
 * Without it the tab has the name of the page.
 */
class Title {
  #text = $state("");
  #path = $state("");

  /** The name, until another page is opened. */
  get own(): string {
    return this.#path === router.path ? this.#text : "";
  }

  set own(text: string) {
    this.#text = text;
    this.#path = router.path;
  }
}

export const title = new Title();
