import type { Schemas } from "../../api/client";
import { mayPass } from "../../api/problem";
import { carryOut, read, summaryOf, type Action, type Step } from "./actions";
import type { TicketSummary } from "./lists";

/** How many requests run at once. */
const AT_ONCE = 3;

export interface Job {
  ticket: TicketSummary;
  step: Step;
  state: "waiting" | "running" | "done" | "failed";
  failure?: unknown;
}

/** Who follows what becomes of the tickets: the list that shows them. */
export interface Followers {
  changed: (ticket: TicketSummary) => void;
  done: (number: number) => void;
}

/** What reaches the API. Tests have another one. */
interface Edge {
  carryOut: (step: Step) => Promise<Schemas["Ticket"] | undefined>;
  read: (number: number) => Promise<Schemas["Ticket"]>;
}

/** Does the same with many tickets, and keeps a result for each until it is dismissed. */
export class Bulk {
  action = $state<Action>("take");
  jobs = $state.raw<readonly Job[]>([]);
  isRunning = $state(false);
  #edge: Edge;
  #followers: Followers | undefined;

  constructor(edge: Edge = { carryOut, read }) {
    this.#edge = edge;
  }

  /** Another list follows from now on: this goes on while the person goes elsewhere. */
  follow(followers: Followers): void {
    this.#followers = followers;
  }

  get failed(): readonly Job[] {
    return this.jobs.filter((job) => job.state === "failed");
  }

  get finished(): number {
    return this.jobs.filter((job) => job.state === "done" || job.state === "failed").length;
  }

  /** Begins with tickets. `keyOf` makes the idempotency key of each. */
  async run(
    action: Action,
    tickets: readonly TicketSummary[],
    keyOf: (number: number) => string,
    text = "",
  ): Promise<void> {
    this.action = action;
    this.jobs = tickets.map((ticket) => {
      const { number, version } = ticket;
      const step = { action, number, version, key: keyOf(number), text };
      return { ticket, step, state: "waiting" };
    });
    await this.#work();
  }

  /**
   * Tries again what failed. A request without an answer is repeated unchanged, so that it is
   * carried out once. A refused one was not carried out: it is made for the ticket as it is now.
   */
  async retry(isWanted: (job: Job) => boolean): Promise<void> {
    for (const { step, failure, ticket } of this.failed.filter(isWanted)) {
      const version = mayPass(failure) ? step.version : ticket.version;
      this.#change(step.number, { step: { ...step, version }, state: "waiting" });
    }
    await this.#work();
  }

  dismiss(): void {
    this.jobs = [];
  }

  async #work(): Promise<void> {
    this.isRunning = true;
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#takeTurns()));
    this.isRunning = false;
  }

  async #takeTurns(): Promise<void> {
    for (let job = this.#next(); job; job = this.#next()) await this.#do(job);
  }

  #next(): Job | undefined {
    return this.jobs.find((job) => job.state === "waiting");
  }

  async #do({ step }: Job): Promise<void> {
    this.#change(step.number, { state: "running", failure: undefined });
    try {
      const ticket = await this.#edge.carryOut(step);
      if (ticket) this.#followers?.changed(summaryOf(ticket));
      this.#followers?.done(step.number);
      this.#change(step.number, { state: "done" });
    } catch (failure) {
      if (!mayPass(failure)) await this.#look(step.number);
      this.#change(step.number, { state: "failed", failure });
    }
  }

  /** Reads a ticket that was not as it was shown. */
  async #look(number: number): Promise<void> {
    try {
      const ticket = summaryOf(await this.#edge.read(number));
      this.#followers?.changed(ticket);
      this.#change(number, { ticket });
    } catch {
      // Why the action failed is said already.
    }
  }

  #change(number: number, change: Partial<Job>): void {
    this.jobs = this.jobs.map((job) => (job.step.number === number ? { ...job, ...change } : job));
  }
}

/** The one of this tab. It goes on while another page is shown, and its results are there after. */
export const bulk = new Bulk();
