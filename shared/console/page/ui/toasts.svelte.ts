type Toast = {
  text: string;
  tone?: "neutral" | "success" | "danger" | undefined;
  /** Makes the text a link. */
  href?: string | undefined;
  action?: { label: string; run: () => void } | undefined;
  /** How long it stays, by default 6, or 10 with an action. With 0 it stays until it is closed. */
  seconds?: number | undefined;
};

type ShownToast = Toast & { id: number; seconds: number };

/** More would cover the page. The oldest gives way. */
const MOST = 3;

export const toasts: ShownToast[] = $state([]);
let last = 0;

/** Shows it, and returns what takes it away. */
export function toast(shown: Toast): () => void {
  const id = ++last;
  toasts.push({ ...shown, id, seconds: shown.seconds ?? (shown.action ? 10 : 6) });
  if (toasts.length > MOST) toasts.shift();
  return () => dismiss(id);
}

export function dismiss(id: number) {
  const at = toasts.findIndex((shown) => shown.id === id);
  if (at >= 0) toasts.splice(at, 1);
}
