let isFirst = true;

/**
 * Moves the focus to the heading of a page that was just opened, so that keys and screen readers go
 * on from there. A page that focuses a field of its own keeps it there. Nothing is moved when the
 * first page is opened: the browser begins at its top.
 */
export function arrive(page: HTMLElement): void {
  if (isFirst) {
    isFirst = false;
    return;
  }
  if (page.contains(document.activeElement)) return;
  const place = page.querySelector("h1") ?? page.closest("main");
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}
