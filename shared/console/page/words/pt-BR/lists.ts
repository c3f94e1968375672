import type { Words } from "../words.svelte";

export const lists: Words["lists"] = {
  keys: {
    everywhere: "Em qualquer lugar",
    thisPage: "Nesta página",
    enabled: "Usar atalhos do teclado",
    or: "ou",
    shift: "Shift",
    caps: { ArrowDown: "↓", ArrowUp: "↑" },
  },
};
