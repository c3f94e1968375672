/** Where the page is: the path, and the query that holds filters, sort and page. */
class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => this.#read());
    addEventListener("pagehide", () => this.#keepScroll());
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Goes to an address of the page. */
  go(href: string, { replace = false } = {}): void {
    this.#keepScroll();
    if (replace) history.replaceState(history.state, "", href);
    else history.pushState({ entry: crypto.randomUUID() }, "", href);
    const before = this.path;
    this.#read();
    if (this.path !== before) scrollTo(0, 0);
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

  /** Scrolls to where this entry of the history was left. Call it when its content is there. */
  restoreScroll(): void {
    const top = sessionStorage.getItem(scrollKey());
    if (top) scrollTo(0, Number(top));
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  #keepScroll(): void {
    sessionStorage.setItem(scrollKey(), String(Math.round(scrollY)));
  }

  /** Follows links within the page without loading it again. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest("a");
    if (!link || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || !isOfThePage(link.pathname)) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

function isOfThePage(path: string): boolean {
  return path === "/" || path.startsWith("/app/");
}

function scrollKey(): string {
  return `scroll/${history.state?.entry ?? "first"}`;
}

export const router = new Router();
