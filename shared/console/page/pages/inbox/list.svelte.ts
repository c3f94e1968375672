import { answered, api, type Schemas } from "../../api/client";
import { inbox, type Notification } from "../../state/inbox.svelte";

type Page = Schemas["NotificationPage"];

const PER_PAGE = 25;

/** The notifications that are shown. Those of the last visit are there at once. */
export class NotificationList {
  items = $state.raw<Notification[]>();
  isBusy = $state(false);
  failure = $state.raw<unknown>();
  #onlyUnread: boolean;
  #cursor = $state<string | null>(null);
  #arrivedThen = $state(0);

  constructor(onlyUnread: boolean) {
    this.#onlyUnread = onlyUnread;
  }

  /** How many arrived since the newest were asked for. */
  get arrived(): number {
    return inbox.arrived - this.#arrivedThen;
  }

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /** Shows the newest ones, above the older ones that were shown already. */
  loadNewest(): Promise<void> {
    return this.#load(async () => {
      const arrived = inbox.arrived;
      const page = await this.#ask(null);
      const older = page.next_cursor === null ? [] : olderThan(page.items, this.items ?? []);
      if (older.length === 0) this.#cursor = page.next_cursor;
      this.items = [...page.items, ...older];
      this.#arrivedThen = arrived;
    });
  }

  loadMore(): Promise<void> {
    return this.#load(async () => {
      const page = await this.#ask(this.#cursor);
      const known = new Set(this.items?.map(({ id }) => id));
      this.items = [...(this.items ?? []), ...page.items.filter(({ id }) => !known.has(id))];
      this.#cursor = page.next_cursor;
    });
  }

  async #load(load: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await load();
      this.failure = undefined;
    } catch (failure) {
      this.failure = failure;
    } finally {
      this.isBusy = false;
    }
  }

  /** Asks for a page. One of unread notifications may be empty and not the last. */
  async #ask(cursor: string | null): Promise<Page> {
    const query = {
      limit: PER_PAGE,
      ...(this.#onlyUnread && { unread: true }),
      ...(cursor !== null && { cursor }),
    };
    const { data } = await answered(api.GET("/v1/notifications", { params: { query } }));
    if (data.items.length > 0 || data.next_cursor === null) return data;
    return this.#ask(data.next_cursor);
  }
}

/** Returns those of a list that come after all of a newer page. */
function olderThan(newer: Notification[], shown: Notification[]): Notification[] {
  const last = newer.at(-1);
  const place = shown.findIndex(({ id }) => id === last?.id);
  return place < 0 ? [] : shown.slice(place + 1);
}

const lists = { all: new NotificationList(false), unread: new NotificationList(true) };

/** Returns the list of all or of the unread notifications, as it was left. */
export function listOf(onlyUnread: boolean): NotificationList {
  return onlyUnread ? lists.unread : lists.all;
}
