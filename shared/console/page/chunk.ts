import { inTab } from "./state/storage";

const RELOADED = "reloaded/";

/**
 * Loads files of the page that are needed only now. If they are gone because another version was
 * deployed, the page of that version is loaded. What was typed is kept.
 */
export async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (failure) {
    const entry = entryOf(document);
    // Once for each version: while a deployment is under way, both may be served in turn.
    const isFirst = inTab.getItem(RELOADED + entry) === null;
    if (!isFirst || !(await isReplaced(entry))) throw failure;
    inTab.setItem(RELOADED + entry, "yes");
    // Where nothing is kept, nothing would end the reloads.
    if (inTab.getItem(RELOADED + entry) === null) throw failure;
    location.reload();
    return new Promise<never>(() => {});
  }
}

/** Loads the page again if the help desk can be reached. Says whether it can. */
export async function reload(): Promise<boolean> {
  const isReached = (await served()) !== undefined;
  if (isReached) location.reload();
  return isReached;
}

async function isReplaced(entry: string): Promise<boolean> {
  const now = await served();
  return now !== undefined && now !== entry;
}

/** The script that a page begins with. Each version has another. */
const ENTRY = /<script [^>]*type="module"[^>]* src="([^"]+)"/;

/**
 * Returns the path of the script that the page begins with as it is served now. There is none if no
 * page arrives, or another one: a network may ask for a sign-in of its own first.
 */
async function served(): Promise<string | undefined> {
  try {
    const response = await fetch("/", { cache: "no-store" });
    return response.ok ? ENTRY.exec(await response.text())?.[1] : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the path of the script that this page began with. */
function entryOf(page: Document): string {
  return new URL(page.querySelector<HTMLScriptElement>("script[type=module]")!.src).pathname;
}
