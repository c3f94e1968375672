const caps: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑" };

/** The words of the lists of tickets, and of the keys. */
export const lists = {
  keys: {
    everywhere: "Everywhere",
    thisPage: "This page",
    enabled: "Use keyboard shortcuts",
    or: "or",
    shift: "Shift",
    caps,
  },
};
