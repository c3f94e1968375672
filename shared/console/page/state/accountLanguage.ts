import { answered, api } from "../api/client";
import { language } from "../words/language.svelte";
import { speak } from "../words/words.svelte";

/**
 * Speaks the language of the account, unless one was chosen in this browser. It is asked for once:
 * what is spoken then is kept. `en` is also what an account has whose owner never chose, so then
 * the language that the browser prefers stays.
 */
export async function followAccountLanguage(): Promise<void> {
  if (language.isChosen) return;
  const { data } = await answered(api.GET("/v1/me/notification-preferences"));
  if (data.language !== "en" && !language.isChosen) await speak(data.language);
  language.keep();
}
