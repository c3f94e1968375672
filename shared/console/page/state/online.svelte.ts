/** Whether the browser has a network. */
class Online {
  value = $state(navigator.onLine);

  constructor() {
    addEventListener("online", () => (this.value = true));
    addEventListener("offline", () => (this.value = false));
  }
}

export const online = new Online();
