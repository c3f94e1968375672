export type Theme = "system" | "light" | "dark";

const STORED = "theme";

/** Whether the page is light or dark. `page/styles/tokens.css` has the colours. */
class CurrentTheme {
  value = $state<Theme>((localStorage.getItem(STORED) as Theme | null) ?? "system");

  constructor() {
    this.#show();
  }

  choose(theme: Theme): void {
    this.value = theme;
    localStorage.setItem(STORED, theme);
    this.#show();
  }

  #show(): void {
    const root = document.documentElement;
    if (this.value === "system") delete root.dataset.theme;
    else root.dataset.theme = this.value;
  }
}

export const theme = new CurrentTheme();
