import { inBrowser } from "../../state/storage";

/** Filters and a sort under a name. */
export interface View {
  name: string;
  /** The address of the list with them. */
  address: string;
}

/** The saved views of one list and person. They are kept in this browser. */
export class Views {
  all = $state.raw<readonly View[]>([]);
  #storage: string;

  constructor(account: string, list: string) {
    this.#storage = `views/${account}/${list}`;
    this.#read();
  }

  /** Returns the view with a name. Two names that differ in case only are one. */
  named(name: string): View | undefined {
    const wanted = name.trim().toLowerCase();
    return this.all.find((view) => view.name.toLowerCase() === wanted);
  }

  at(address: string): View | undefined {
    return this.all.find((view) => view.address === address);
  }

  save(name: string, address: string): void {
    this.#change((all) => [...all, { name: name.trim(), address }]);
  }

  rename(view: View, name: string): void {
    const renamed = { ...view, name: name.trim() };
    this.#change((all) => all.map((other) => (other.name === view.name ? renamed : other)));
  }

  remove(view: View): void {
    this.#change((all) => all.filter((other) => other.name !== view.name));
  }

  /** Changes what is kept now, which may be more than this tab has read. */
  #change(edit: (all: readonly View[]) => readonly View[]): void {
    this.#read();
    this.all = edit(this.all);
    inBrowser.setItem(this.#storage, JSON.stringify(this.all));
  }

  #read(): void {
    this.all = inBrowser.read<View[]>(this.#storage) ?? [];
  }
}
