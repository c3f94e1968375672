import { inTab } from "./storage";

/** How long the content of a page may take to become as long as it was, in milliseconds. */
const PATIENCE_MS = 10_000;
/** What a person does to move on. From then on the place is theirs. */
const MOVES = ["wheel", "touchstart", "keydown", "pointerdown"] as const;

/**
 * Where each entry of the history was scrolled to. Going back leads there again, as soon as the
 * content is there: it is asked for first, so the browser's own way would come too early.
 */
export class Scroll {
  #entry = "";
  #release: (() => void) | undefined;

  constructor() {
    history.scrollRestoration = "manual";
    addEventListener("pagehide", () => this.#keep());
    this.#name();
    this.#restore();
  }

  /** Adds an entry to the history. */
  push(href: string): void {
    this.#keep();
    history.pushState(null, "", href);
    this.#name();
  }

  /** Goes on from an entry that the browser went to. */
  enter(): void {
    this.#keep();
    // A link to a place in the page makes an entry, too, and the browser scrolls there.
    const isKnown = this.#name();
    if (isKnown) this.#restore();
  }

  /** Shows a page from its top, or from the place that its address names. */
  begin(): void {
    this.#release?.();
    const place = decoded(location.hash.slice(1));
    if (place) this.#hold(() => topOf(document.getElementById(place)));
    else scrollTo(0, 0);
  }

  #restore(): void {
    const top = Number(inTab.getItem(keyOf(this.#entry)));
    if (top) this.#hold(() => top);
    else this.begin();
  }

  /** Names the present entry, unless it has a name. Says whether it had one. */
  #name(): boolean {
    const known = (history.state as { entry?: string } | null)?.entry;
    this.#entry = known ?? crypto.randomUUID();
    if (!known) history.replaceState({ entry: this.#entry }, "");
    return known !== undefined;
  }

  #keep(): void {
    inTab.setItem(keyOf(this.#entry), String(Math.round(scrollY)));
  }

  /** Scrolls there, and again with all content that arrives, until the person moves on. */
  #hold(wanted: () => number | undefined): void {
    this.#release?.();
    const ended = new AbortController();
    const { signal } = ended;
    const release = () => ended.abort();
    this.#release = release;
    const nearest = () => Math.min(wanted() ?? scrollY, longest());
    const scroll = () => scrollTo(0, nearest());
    const growth = new MutationObserver(scroll);
    growth.observe(document.body, { childList: true, subtree: true });
    const timer = setTimeout(release, PATIENCE_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      growth.disconnect();
    });
    for (const move of MOVES) {
      addEventListener(move, release, { signal, passive: true, capture: true });
    }
    // Only a person scrolls elsewhere, perhaps with the scroll bar, which no event names.
    const moved = () => Math.abs(scrollY - nearest()) > 2;
    addEventListener("scroll", () => moved() && release(), { signal });
    scroll();
  }
}

/** Returns how far the page can be scrolled. */
function longest(): number {
  return document.documentElement.scrollHeight - innerHeight;
}

function topOf(element: HTMLElement | null): number | undefined {
  return element ? element.getBoundingClientRect().top + scrollY : undefined;
}

function keyOf(entry: string): string {
  return `scroll/${entry}`;
}

/** Returns the text that is written in an address, or "" if that is malformed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
