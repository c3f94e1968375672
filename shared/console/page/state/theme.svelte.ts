import { inBrowser } from "./storage";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORED = "theme";

/** Whether the page is light or dark. `page/styles/tokens.css` has the colours. */
class CurrentTheme {
  value = $state<Theme>(stored());

  constructor() {
    this.#show();
    addEventListener("storage", ({ key }) => {
      if (key !== STORED) return;
      this.value = stored();
      this.#show();
    });
  }

  choose(theme: Theme): void {
    this.value = theme;
    inBrowser.setItem(STORED, theme);
    this.#show();
  }

  #show(): void {
    const root = document.documentElement;
    if (this.value === "system") delete root.dataset.theme;
    else root.dataset.theme = this.value;
  }
}

function stored(): Theme {
  return THEMES.find((theme) => theme === inBrowser.getItem(STORED)) ?? "system";
}

export const theme = new CurrentTheme();
