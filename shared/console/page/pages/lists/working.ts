// What is done with tickets in a list. It is loaded with the first ticket that is selected or taken.

export { default as Selected } from "./Selected.svelte";
export { takeHere } from "./taking";
