import { answered, api, type Schemas } from "../../api/client";
import { session } from "../../api/session.svelte";
import { Draft } from "../../state/drafts.svelte";
import { Sending } from "../../state/sending.svelte";
import type { Ticket } from "../../state/tickets.svelte";

const EMPTY = {
  title: "",
  description: "",
  priority: "normal",
  category: "",
  /** One on each line. */
  tags: "",
  /** The address of the requester, if it is another person. */
  requester: "",
  /** Who a follow-up is for, if it is not the requester of the earlier ticket: "me". */
  followUpFor: "",
};

type Fields = typeof EMPTY;

/** A ticket that is not opened yet. */
export class Opening {
  readonly draft: Draft<Fields>;
  readonly sending: Sending<Fields>;

  /** `followUpOf` is the number of the closed ticket that it continues, or 0. */
  constructor(readonly followUpOf: number) {
    const place = followUpOf ? `new/follow-up/${followUpOf}` : "new";
    this.draft = new Draft(session.me!.id, place, EMPTY);
    this.sending = new Sending(this.draft);
  }

  get tags(): string[] {
    return this.draft.fields.tags.split("\n").filter(Boolean);
  }

  set tags(tags: string[]) {
    this.draft.set({ tags: tags.join("\n") });
  }

  /** Opens it. `earlier` is the requester of the ticket that it continues. */
  async send(earlier: Schemas["Person"] | undefined): Promise<Ticket | undefined> {
    const params = (key: string) => ({ header: { "Idempotency-Key": key } });
    return this.sending.send(async (fields, key) => {
      const body = this.#bodyOf(fields, earlier);
      return (await answered(api.POST("/v1/tickets", { params: params(key), body }))).data;
    });
  }

  #bodyOf(fields: Fields, earlier: Schemas["Person"] | undefined): Schemas["NewTicket"] {
    const { title, description, category, requester, followUpFor } = fields;
    const isForEarlier = earlier && earlier.id !== session.me?.id && followUpFor === "";
    return {
      title,
      description,
      priority: fields.priority as Schemas["Priority"],
      ...(category.trim() ? { category } : {}),
      ...(this.tags.length > 0 ? { tags: this.tags } : {}),
      ...(this.followUpOf ? { follow_up_of: this.followUpOf } : {}),
      ...(session.isStaff && isForEarlier ? { requester_id: earlier.id } : {}),
      ...(session.isStaff && !earlier && requester.trim() ? { requester_email: requester } : {}),
    };
  }
}
