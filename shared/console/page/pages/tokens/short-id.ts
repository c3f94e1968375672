/** Returns the last part of an id, which is random and so tells it from others. */
export function shortId(id: string): string {
  return id.slice(id.lastIndexOf("-") + 1);
}
