/** How often times such as "5 minutes ago" are written anew, in milliseconds. */
const EVERY_MS = 30_000;

/** The time that such texts are written at. It stands still while the page is hidden. */
class Clock {
  now = $state(Date.now());

  constructor() {
    const read = () => {
      if (document.visibilityState === "visible") this.now = Date.now();
    };
    setInterval(read, EVERY_MS);
    document.addEventListener("visibilitychange", read);
  }
}

export const clock = new Clock();
