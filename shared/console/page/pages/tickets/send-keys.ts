/** The keys that send a text, as they are shown. */
export const SEND_KEYS = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘ Enter" : "Ctrl Enter";
