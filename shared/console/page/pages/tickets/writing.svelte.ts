import { Refused, slugOf } from "../../api/problem";
import { session } from "../../api/session.svelte";
import { Draft } from "../../state/drafts.svelte";
import { router } from "../../state/router.svelte";
import { Sending } from "../../state/sending.svelte";
import type { OpenTicket, Ticket } from "../../state/tickets.svelte";
import { authorOf, beyond, markOf, type Item } from "../../state/timeline";
import { toast } from "../../ui/toasts.svelte";
import { t } from "../../words/words.svelte";
import { sendText, type Kind } from "./requests";

/** How many characters a text may have. */
const LONGEST = { reply: 10_000, note: 10_000 } as const;
const LONGEST_OF_COMMAND = 2_000;
/** How often a text is sent anew when a change that the writer need not read came in between. */
const TRIES = 3;

/** Says whether a failure is about the text itself, so that it is said at its field. */
export function isFaultOfText(failure: unknown): boolean {
  return failure instanceof Refused && failure.problem.errors.length > 0;
}

/** A text on a ticket from the first letter until it is sent, whatever others do meanwhile. */
export class Writing {
  readonly draft: Draft<{ body: string; mark: string }>;
  readonly sending: Sending<{ body: string; mark: string }>;
  readonly limit: number;
  /** The ticket as the page shows it now: it is read anew while the text is not sent yet. */
  opened = $state.raw() as OpenTicket;
  /** What was sent of this text before it was changed, if the API says that it was. */
  sentBefore = $state.raw<Item>();
  /** How far the writer had read, for a command that has no text yet. */
  #mark = $state("");

  constructor(
    opened: OpenTicket,
    readonly kind: Kind,
  ) {
    this.opened = opened;
    const place = `ticket/${opened.number}/${kind}`;
    this.draft = new Draft(session.me!.id, place, { body: "", mark: "" });
    this.sending = new Sending(this.draft);
    this.limit = kind === "reply" || kind === "note" ? LONGEST[kind] : LONGEST_OF_COMMAND;
  }

  get body(): string {
    return this.draft.fields.body;
  }

  set body(body: string) {
    const mark = this.draft.fields.mark || markOf(this.opened.items);
    this.draft.set({ body, mark: body ? mark : "" });
  }

  /** What others added since the writing began. The writer should read it before sending. */
  get missed(): Item[] {
    const mark = this.draft.fields.mark || this.#mark;
    return mark ? ofOthers(beyond(this.opened.items, mark)) : [];
  }

  get isTooLong(): boolean {
    return [...this.body].length > this.limit;
  }

  /** Says whether there is something to send. Only reasons may be left out. */
  get isReady(): boolean {
    const mayBeEmpty = !["reply", "note", "resolve"].includes(this.kind);
    return (mayBeEmpty || /\S/.test(this.body)) && !this.isTooLong;
  }

  /** Forgets a text that arrived although the page was left before it heard of it. */
  forgetIfSent(): void {
    const { body, mark } = this.draft.fields;
    if (!body || this.sending.isBusy) return;
    const isSent = (item: Item) => isOwn(item) && isOf(item, this.kind) && textOf(item) === body;
    if (beyond(this.opened.items, mark).some(isSent)) this.draft.discard();
  }

  /** Notes what the person has read when they begin, before there is a text. */
  begin(): void {
    this.#mark = markOf(this.opened.items);
  }

  /** Sends the text on the version that is shown now. Returns whether it was sent. */
  async send(): Promise<boolean> {
    if (!this.isReady || this.sending.isBusy) return false;
    this.sentBefore = undefined;
    for (let tries = 1; tries <= TRIES; tries += 1) {
      this.begin();
      if (this.body) this.draft.set({ mark: this.#mark });
      const { seen, number } = this.opened;
      const sent = await this.sending.send(({ body }, key) =>
        sendText(number, this.kind, body, { seen, key }),
      );
      if (sent) {
        this.#mark = "";
        // Who answers has read what is above.
        this.opened.acknowledge();
        await this.#show(sent.ticket);
        this.#sayElsewhere();
        return true;
      }
      if (!(await this.#mayRepeat())) return false;
    }
    return false;
  }

  /**
   * Reads what the refusal may be about. Says whether the text may be sent again as it is, because
   * nothing of others came in between.
   */
  async #mayRepeat(): Promise<boolean> {
    const slug = slugOf(this.sending.failure);
    if (!slug || slug === "validation-failed") return false;
    await this.opened.refresh({ whole: true }).catch(() => {});
    if (slug === "idempotency-key-reused") {
      this.sentBefore = this.opened.items.findLast((item) => isOwn(item) && isOf(item, this.kind));
    }
    return slug === "precondition-failed" && this.missed.length === 0;
  }

  async #show(ticket: Ticket | undefined): Promise<void> {
    if (ticket) await this.opened.replace(ticket);
    else await this.opened.refresh().catch(() => {});
  }

  /** The person may be on another page when the text goes out at last. */
  #sayElsewhere(): void {
    const href = `/app/tickets/${this.opened.number}`;
    if (router.path === href) return;
    toast({ text: t().tickets.sentElsewhere(this.opened.number), href, tone: "success" });
  }
}

/** Returns what a person wrote: a comment, a note or a reason. */
export function textOf(item: Item): string {
  return item.kind === "event" ? (item.reason ?? "") : item.body;
}

function isOwn(item: Item): boolean {
  return authorOf(item).id === session.me?.id;
}

function ofOthers(items: Item[]): Item[] {
  return items.filter((item) => !isOwn(item));
}

function isOf(item: Item, kind: Kind): boolean {
  const kinds = { reply: "comment", note: "note" } as const;
  return item.kind === (kind === "reply" || kind === "note" ? kinds[kind] : "event");
}

/** The texts on tickets, by ticket and kind. Two of one text would send it twice, or lose it. */
const writings = new Map<string, Writing>();

/**
 * Returns the text of a kind on a ticket. Its sending goes on while the person is on another page,
 * and is the same one when they come back, even if the ticket was read anew meanwhile.
 */
export function writingOf(opened: OpenTicket, kind: Kind): Writing {
  forgetOthers(opened.number);
  const place = `${opened.number}/${kind}`;
  const writing = writings.get(place) ?? new Writing(opened, kind);
  writings.set(place, writing);
  writing.opened = opened;
  return writing;
}

/** Forgets the empty texts of tickets that are no longer shown, and these tickets with them. */
function forgetOthers(shown: number): void {
  for (const [place, { opened, draft, sending }] of writings) {
    const isOver = draft.isEmpty && !sending.isBusy;
    if (isOver && opened.number !== shown) writings.delete(place);
  }
}
