import type { ListName } from "./lists";
import { Selection } from "./selection.svelte";

/** Whether the bar of selected tickets was shown in this tab. Then it may have results to show. */
export const bar = { isLoaded: false };

/** What a person leaves in a list and finds there again when they come back. */
export class Place {
  selection = new Selection();
  /** The filters that the selection was made with. */
  filters: string | undefined;
  /** The ticket that the keys are at. */
  cursor: number | undefined;
}

const places = new Map<string, Place>();

/** Returns the place of a person in a list, for as long as this tab lives. */
export function placeOf(account: string, list: ListName): Place {
  const name = `${account}/${list}`;
  const place = places.get(name) ?? new Place();
  places.set(name, place);
  return place;
}
