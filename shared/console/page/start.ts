import { session } from "./api/session.svelte";

/**
 * The session is continued before anything else of the page runs: everything that the page shows
 * waits for this answer.
 */
export const started = session.start();
started.catch(() => {});
