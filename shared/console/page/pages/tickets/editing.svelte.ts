import { slugOf } from "../../api/problem";
import { session } from "../../api/session.svelte";
import { Draft } from "../../state/drafts.svelte";
import {
  conflictsOf,
  edited,
  fieldsOf,
  insisted,
  NONE,
  without,
  type Edits,
} from "../../state/edits";
import { Sending } from "../../state/sending.svelte";
import { parsed } from "../../state/storage";
import type { OpenTicket } from "../../state/tickets.svelte";
import { patch } from "./requests";
import { patchOf, valuesOf, type FieldName, type Values } from "./values";

/** How often an edit is sent anew when others changed only what it does not touch. */
const TRIES = 3;

/** An edit of a ticket, kept until it is saved, whatever others change meanwhile. */
export class Editing {
  readonly draft: Draft<{ edits: string }>;
  readonly sending: Sending<{ edits: string }>;

  /** `part` tells the edit of one field from that of all of them. */
  constructor(
    readonly opened: OpenTicket,
    part: FieldName | "edit" = "edit",
  ) {
    this.draft = new Draft(session.me!.id, `ticket/${opened.number}/${part}`, { edits: "" });
    this.sending = new Sending(this.draft);
  }

  get edits(): Edits<Values> {
    const { edits } = this.draft.fields;
    return parsed<Edits<Values>>(edits || null) ?? NONE;
  }

  /** The fields as the person wants them. */
  get values(): Values {
    return { ...this.#theirs, ...this.edits.mine };
  }

  /** The fields that another person changed, too. The person has to choose. */
  get conflicts(): FieldName[] {
    return conflictsOf(this.edits, this.#theirs);
  }

  get isEmpty(): boolean {
    return fieldsOf(this.edits).length === 0;
  }

  set<F extends FieldName>(field: F, value: Values[F]): void {
    this.#keep(edited(this.edits, field, value, this.#theirs));
  }

  /** Settles a conflict. */
  choose(field: FieldName, side: "mine" | "theirs"): void {
    const { edits } = this;
    this.#keep(side === "mine" ? insisted(edits, field, this.#theirs) : without(edits, field));
  }

  /** Saves the edit, unless there is a conflict. Returns nothing if the ticket is not as wanted. */
  async save(): Promise<"saved" | "unchanged" | undefined> {
    for (let tries = 1; tries <= TRIES; tries += 1) {
      if (this.conflicts.length > 0) return undefined;
      const body = patchOf(this.edits, this.#theirs);
      if (Object.keys(body).length === 0) {
        this.draft.sent(this.draft.fields);
        return "unchanged";
      }
      const { number, etag } = this.opened;
      const ticket = await this.sending.send(() => patch(number, body, etag));
      if (ticket) {
        await this.opened.replace(ticket);
        return "saved";
      }
      const slug = slugOf(this.sending.failure);
      if (slug && slug !== "validation-failed") await this.#readAgain();
      if (slug !== "precondition-failed") return undefined;
    }
    return undefined;
  }

  get #theirs(): Values {
    return valuesOf(this.opened.ticket!);
  }

  async #readAgain(): Promise<void> {
    await this.opened.refresh({ whole: true }).catch(() => {});
  }

  #keep(edits: Edits<Values>): void {
    this.draft.set({ edits: fieldsOf(edits).length > 0 ? JSON.stringify(edits) : "" });
  }
}

/**
 * Changes the priority at once. If others changed the ticket, but not its priority, it is tried
 * once more. Returns whether the ticket has it now; otherwise another person changed it, too.
 */
export async function setPriority(
  opened: OpenTicket,
  priority: Values["priority"],
): Promise<boolean> {
  const before = valuesOf(opened.ticket!);
  const edits = edited<Values, "priority">(NONE, "priority", priority, before);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const theirs = valuesOf(opened.ticket!);
    if (conflictsOf(edits, theirs).length > 0) return false;
    const body = patchOf(edits, theirs);
    if (Object.keys(body).length === 0) return true;
    try {
      await opened.replace(await patch(opened.number, body, opened.etag));
      return true;
    } catch (failure) {
      if (slugOf(failure) !== "precondition-failed") throw failure;
      await opened.refresh({ whole: true });
    }
  }
  return false;
}
