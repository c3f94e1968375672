/** A part of a text. `href` is where it leads, if it is a web address. */
export interface Part {
  text: string;
  href?: string;
}

/**
 * What may be a web address. No other scheme is one. It ends before white space, quotes, angle
 * brackets, and all that is invisible or turns the direction of what follows.
 */
const ADDRESS = /\bhttps?:\/\/[^\s\p{C}<>"“”„«»`\\]+/giu;
/** What belongs to the sentence around an address rather than to the address. */
const AFTER = ".,;:!?'’*]}…。，、；：！？）】」』";

/** Returns the parts of a text of a person. Together they are the text, unchanged. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(found);
    const href = hrefOf(address);
    if (!href) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: address, href });
    end = index + address.length;
  }
  return end < text.length ? [...parts, { text: text.slice(end) }] : parts;
}

/** Leaves out what ends the sentence, and the brackets that begin before the address. */
function withoutEnd(address: string): string {
  let surplus = address.split(")").length - address.split("(").length;
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1]!;
    if (last === ")" && surplus > 0) surplus -= 1;
    else if (!AFTER.includes(last)) break;
  }
  return address.slice(0, end);
}

function hrefOf(address: string): string | undefined {
  try {
    const { href, username, password } = new URL(address);
    // What is before an "@" looks like the host and is none.
    return username || password ? undefined : href;
  } catch {
    return undefined;
  }
}
