import type { Words } from "../words.svelte";

export const tickets: Words["tickets"] = {};
