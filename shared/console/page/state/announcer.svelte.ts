/** What screen readers are to say when they have finished a sentence. `App` has the live region. */
class Announcer {
  text = $state("");

  say(text: string): void {
    this.text = text;
  }
}

export const announcer = new Announcer();
