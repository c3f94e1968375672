/**
 * The token of a mailed link. It is taken out of the address at once, so that neither the history
 * nor a screen that is shared shows it, and it is kept in memory only.
 */
export class MailedToken {
  value = $state("");

  constructor() {
    this.#take();
  }

  /** Takes the token of another link that is opened in this tab. Returns what ends this. */
  follow(): () => void {
    const take = () => this.#take();
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }

  #take(): void {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (!token) return;
    this.value = token;
    history.replaceState(history.state, "", location.pathname + location.search);
  }
}
