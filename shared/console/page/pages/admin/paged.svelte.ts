import { Loaded } from "../../state/loaded.svelte";
import { router } from "../../state/router.svelte";
import { Pages } from "../../state/pages";
import { inTab } from "../../state/storage";

interface Page {
  next_cursor: string | null;
}

/** One page of a list. Which one is in the address, as `cursor`. */
export class PagedList<P extends Page> extends Loaded<P & { cursor: string }> {
  #pages = new Pages("", inTab);

  /** The cursor of the page that is shown, "" for the first one. */
  get cursor(): string {
    return this.data?.cursor ?? "";
  }

  get next(): string | null {
    return this.data?.next_cursor ?? null;
  }

  /** The cursor of the page before, if this tab has seen it. */
  get before(): string | undefined {
    return this.#pages.before(this.cursor);
  }

  /** Which page is shown, from 1, if this tab has seen those before. */
  get place(): number | undefined {
    return this.#pages.place(this.cursor);
  }

  /**
   * Reads the page that the address names. `name` tells this list from others, and `describe` says
   * how to read a page of it. Call it while a component is made.
   */
  followPages(name: () => string, describe: () => (cursor: string) => Promise<P>): void {
    this.follow(() => {
      const cursor = router.query.get("cursor") ?? "";
      const pages = new Pages(`admin/${name()}`, inTab);
      const read = describe();
      return async () => {
        const page = await read(cursor);
        if (page.next_cursor) pages.remember(cursor, page.next_cursor);
        this.#pages = pages;
        return { ...page, cursor };
      };
    });
  }
}
