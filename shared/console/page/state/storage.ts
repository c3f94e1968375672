/**
 * What the browser keeps for the page. It may refuse to, because it is full or because a person
 * forbids it. Then nothing is kept, and the page works without.
 */
class Kept {
  #storage: () => Storage;

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  getItem(name: string): string | null {
    return this.#tried((storage) => storage.getItem(name)) ?? null;
  }

  /** Returns a value that was kept as JSON, or nothing if there is none that can be read. */
  read<T>(name: string): T | undefined {
    return parsed<T>(this.getItem(name));
  }

  /** Says whether it is kept. */
  setItem(name: string, value: string): boolean {
    const set = (storage: Storage) => (storage.setItem(name, value), true);
    return this.#tried(set) ?? false;
  }

  removeItem(name: string): void {
    this.#tried((storage) => storage.removeItem(name));
  }

  #tried<T>(use: (storage: Storage) => T): T | undefined {
    try {
      return use(this.#storage());
    } catch {
      return undefined;
    }
  }
}

/** Returns what a JSON text holds, or nothing if it is none. Others may have changed it. */
export function parsed<T>(text: string | null): T | undefined {
  try {
    return (JSON.parse(text ?? "null") as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** What is kept until it is removed, for all tabs. */
export const inBrowser = new Kept(() => localStorage);

/** What is kept until this tab is closed. */
export const inTab = new Kept(() => sessionStorage);
