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
    this.all = JSON.parse(localStorage.getItem(this.#storage) ?? "[]") as View[];
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
    this.#keep([...this.all, { name: name.trim(), address }]);
  }

  rename(view: View, name: string): void {
    this.#keep(this.all.map((other) => (other === view ? { ...view, name: name.trim() } : other)));
  }

  remove(view: View): void {
    this.#keep(this.all.filter((other) => other !== view));
  }

  #keep(views: readonly View[]): void {
    this.all = views;
    localStorage.setItem(this.#storage, JSON.stringify(views));
  }
}
