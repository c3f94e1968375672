/** The tags of a field, which its form keeps. */
interface Field {
  tags: string[];
  /** How many tags there may be. */
  readonly limit: number;
}

const compared = (tag: string) => tag.normalize("NFC").toLowerCase();

/** Returns the tags in a text, each once, without those that are known. */
function tagsIn(text: string, others: readonly string[]): string[] {
  const known = new Set(others.map(compared));
  const written = text.split(",").map((tag) => tag.trim().replace(/\s+/g, " "));
  return written.filter((tag) => {
    const isNew = tag !== "" && !known.has(compared(tag));
    known.add(compared(tag));
    return isNew;
  });
}

/**
 * The text in the input of a field of tags. What it holds is among the tags of the field from the
 * first letter, so that it is kept and sent like them.
 */
export class TagText {
  text = $state("");
  #field: Field;
  /** Those of the tags that are still in the input. */
  #typed = $state.raw<string[]>([]);

  constructor(field: Field) {
    this.#field = field;
  }

  /** The tags that stand before the input. */
  get ended(): string[] {
    return this.#field.tags.filter((tag) => !this.#typed.includes(tag));
  }

  type(): void {
    const { ended } = this;
    const fitting = Math.max(0, this.#field.limit - ended.length);
    this.#typed = tagsIn(this.text, ended).slice(0, fitting);
    this.#field.tags = [...ended, ...this.#typed];
  }

  /** Ends the tags in the input. Returns them. What does not fit stays and is not thrown away. */
  end(): string[] {
    const typed = this.#typed;
    this.text = tagsIn(this.text, this.ended).slice(typed.length).join(", ");
    this.#typed = [];
    return typed;
  }

  remove(tag: string): void {
    this.#field.tags = this.#field.tags.filter((other) => other !== tag);
  }
}
