import { answered, api } from "../../api/client";
import { Loaded } from "../../state/loaded.svelte";
import { toast } from "../../ui/toasts.svelte";
import { whyNotDone } from "../../words/failures";
import { t } from "../../words/words.svelte";
import type { Preferences } from "./kinds";

async function readPreferences(): Promise<Preferences> {
  return (await answered(api.GET("/v1/me/notification-preferences"))).data;
}

/**
 * Reads the preferences of the person. `failed` says that a change was not saved, and why. Call it
 * while a component is made.
 */
export function followPreferences(failed: (reason: string) => string): Loaded<SavedPreferences> {
  const loaded = new Loaded<SavedPreferences>();
  // What is there already stays, because a change that was not saved can be tried again.
  loaded.follow(
    () => async () => loaded.data ?? new SavedPreferences(await readPreferences(), failed),
  );
  return loaded;
}

/** The preferences of the person as they are shown, and the saving of each change. */
export class SavedPreferences {
  /** With changes that are still on their way. */
  shown = $state.raw() as Preferences;
  saving = $state(false);
  #saved: Preferences;
  #failed: (reason: string) => string;

  constructor(preferences: Preferences, failed: (reason: string) => string) {
    this.shown = preferences;
    this.#saved = preferences;
    this.#failed = failed;
  }

  /**
   * Shows a change at once and saves it. All preferences are saved together, so changes that come
   * meanwhile wait and are saved as one. If saving fails, what is saved is shown again.
   */
  async change(edit: (preferences: Preferences) => Preferences): Promise<void> {
    this.shown = edit(this.shown);
    if (this.saving) return;
    this.saving = true;
    try {
      while (this.shown !== this.#saved) await this.#save(this.shown);
    } catch (failure) {
      this.#undo(failure);
    } finally {
      this.saving = false;
    }
  }

  async #save(body: Preferences): Promise<void> {
    await answered(api.PUT("/v1/me/notification-preferences", { body }));
    this.#saved = body;
  }

  #undo(failure: unknown): void {
    const wanted = this.shown;
    this.shown = this.#saved;
    const action = { label: t().common.tryAgain, run: () => void this.change(() => wanted) };
    toast({ text: this.#failed(whyNotDone(failure)), tone: "danger", action });
  }
}
