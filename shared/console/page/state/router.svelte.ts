import { Scroll } from "./scroll";

/** Where the page is: the path, and the query that holds filters, sort and page. */
class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  #scroll: Scroll;

  constructor() {
    this.#scroll = new Scroll();
    addEventListener("popstate", () => {
      this.#scroll.enter();
      this.#read();
    });
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Goes to an address of the page. The same address again adds no entry to the history. */
  go(href: string, { replace = false } = {}): void {
    const before = this.path;
    const isSame = new URL(href, location.href).href === location.href;
    if (replace || isSame) history.replaceState(history.state, "", href);
    else this.#scroll.push(href);
    this.#read();
    if (this.path !== before || location.hash) this.#scroll.begin();
  }

  /** Changes members of the query and keeps the others. An empty value removes its member. */
  setQuery(changes: Record<string, string>, options: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString();
    this.go(text ? `${this.path}?${text}` : this.path, options);
  }

  #read(): void {
    this.path = location.pathname;
    const query = new URLSearchParams(location.search);
    if (query.toString() !== this.query.toString()) this.query = query;
  }

  /** Follows links within the page without loading it again. */
  #follow(event: MouseEvent): void {
    const href = addressOf(event);
    if (href === undefined) return;
    event.preventDefault();
    this.go(href);
  }
}

type Click = Pick<
  MouseEvent,
  "defaultPrevented" | "button" | "metaKey" | "ctrlKey" | "shiftKey" | "altKey" | "target"
>;

/** Returns where a click leads within the page, or nothing if it is the browser's to follow. */
export function addressOf(event: Click): string | undefined {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  if (!link || (link.target && link.target !== "_self") || link.hasAttribute("download")) {
    return undefined;
  }
  if (link.origin !== location.origin || !isOfThePage(link.pathname)) return undefined;
  const { pathname, search } = location;
  if (link.hash && link.pathname === pathname && link.search === search) return undefined;
  return link.pathname + link.search + link.hash;
}

function isOfThePage(path: string): boolean {
  return path === "/" || path.startsWith("/app/");
}

export const router = new Router();
