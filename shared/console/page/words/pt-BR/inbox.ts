import type { Words } from "../words.svelte";

export const inbox: Words["inbox"] = {};
