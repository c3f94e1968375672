import { loaded } from "./chunk";
import { toast } from "./ui/toasts.svelte";
import { t } from "./words/words.svelte";

/**
 * Loads a part of the page that the person has asked for. If it cannot be loaded, this is said, and
 * `undo` takes the request back, so that it can be made again.
 */
export async function part<T>(load: () => Promise<T>, undo: () => void): Promise<T> {
  try {
    return await loaded(load);
  } catch {
    toast({ text: t().common.unreachable, tone: "danger" });
    undo();
    return new Promise<never>(() => {});
  }
}
