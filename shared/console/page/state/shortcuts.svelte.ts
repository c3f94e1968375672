import { inBrowser } from "./storage";

const STORED = "shortcuts";

/** Whether single keys do something. Who dictates to the machine may want none (WCAG 2.1.4). */
class Shortcuts {
  enabled = $state(inBrowser.getItem(STORED) !== "off");

  set(enabled: boolean): void {
    this.enabled = enabled;
    inBrowser.setItem(STORED, enabled ? "on" : "off");
  }
}

export const shortcuts = new Shortcuts();
