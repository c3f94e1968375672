import type { Words } from "../words.svelte";

export const lists: Words["lists"] = {};
