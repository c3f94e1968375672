import { pageOf } from "./routes";

/** Loads the files of a page when a person is about to follow a link to it. */
export function prefetchOnIntent(): void {
  for (const intent of ["pointerover", "focusin"] as const) {
    document.addEventListener(intent, ({ target }) => load(target as Element), { passive: true });
  }
}

function load(target: Element): void {
  const link = target.closest?.<HTMLAnchorElement>('a[href^="/app/"]');
  // If they do not arrive, following the link says so.
  if (link) pageOf(link.pathname)?.page.load().catch(() => {});
}
