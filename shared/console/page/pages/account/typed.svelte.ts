/** The address that a person typed on one of these pages, for the next one. It is never stored. */
export const typed = $state({ email: "" });
