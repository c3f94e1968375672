import { beforeEach, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../../api/problem";
import type { Step } from "./actions";
import type { Followers, Job } from "./bulk.svelte";
import { ticketOf, ticketsOf } from "./samples";

vi.mock("../../api/client", () => ({}));
const { Bulk } = await import("./bulk.svelte");

const refused = (slug: string, status: number) => {
  const rest = { detail: "", errors: [], allowed: [], retryAfter: 0 };
  return new Refused({ slug, status, ...rest }, new Response());
};
const all = () => true;
const keyOf = (number: number) => `key-${number}`;

let steps: Step[];
let answers: Map<number, unknown>;
let followers: { [F in keyof Followers]: ReturnType<typeof vi.fn<Followers[F]>> };

function wholeOf(number: number, version: number) {
  return { ...ticketOf(number, { version }), description: "", resolution: null };
}

/** A bulk whose requests fail with what `answers` has for their tickets. */
function bulkOf() {
  const bulk = new Bulk({
    carryOut: async (step) => {
      steps.push(step);
      await Promise.resolve();
      const failure = answers.get(step.number);
      if (failure) throw failure;
      return wholeOf(step.number, step.version + 1);
    },
    read: async (number) => wholeOf(number, 9),
  });
  bulk.follow(followers);
  return bulk;
}

const states = (jobs: readonly Job[]) => jobs.map(({ state }) => state);

beforeEach(() => {
  steps = [];
  answers = new Map();
  followers = { changed: vi.fn<Followers["changed"]>(), done: vi.fn<Followers["done"]>() };
});

test("each ticket gets its own key and result, and failed ones stay selected", async () => {
  answers.set(2, refused("precondition-failed", 412));
  const bulk = bulkOf();
  await bulk.run("take", ticketsOf(1, 2, 3), keyOf);
  expect(steps.map(({ key }) => key)).toEqual(["key-1", "key-2", "key-3"]);
  expect(states(bulk.jobs)).toEqual(["done", "failed", "done"]);
  expect(followers.done.mock.calls).toEqual([[1], [3]]);
  expect(bulk.isRunning).toBe(false);
});

test("three requests run at once, not more", async () => {
  let running = 0;
  let most = 0;
  const bulk = new Bulk({
    carryOut: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      return undefined;
    },
    read: () => Promise.reject(new Error("not read")),
  });
  await bulk.run("note", ticketsOf(1, 2, 3, 4, 5, 6, 7), keyOf, "Look at this.");
  expect(most).toBe(3);
  expect(bulk.finished).toBe(7);
});

test("what was not answered is repeated unchanged", async () => {
  answers.set(1, new Unreachable());
  const bulk = bulkOf();
  await bulk.run("close", ticketsOf(1), keyOf);
  answers.clear();
  await bulk.retry(all);
  expect(steps[1]).toEqual(steps[0]);
  expect(states(bulk.jobs)).toEqual(["done"]);
});

test("what was refused is tried for the ticket as it is now", async () => {
  answers.set(1, refused("precondition-failed", 412));
  const bulk = bulkOf();
  await bulk.run("take", ticketsOf(1), keyOf);
  expect(followers.changed).toHaveBeenCalledWith(ticketOf(1, { version: 9 }));
  answers.clear();
  await bulk.retry(all);
  expect(steps.map(({ version }) => version)).toEqual([1, 9]);
  expect(bulk.jobs[0]?.failure).toBeUndefined();
});

test("only what is wanted is tried again", async () => {
  answers.set(1, refused("forbidden", 403)).set(2, new Unreachable());
  const bulk = bulkOf();
  await bulk.run("take", ticketsOf(1, 2), keyOf);
  answers.clear();
  await bulk.retry(({ step }) => step.number === 2);
  expect(states(bulk.jobs)).toEqual(["failed", "done"]);
});

test("results stay until they are dismissed", async () => {
  const bulk = bulkOf();
  await bulk.run("take", ticketsOf(1), keyOf);
  expect(bulk.jobs).toHaveLength(1);
  bulk.dismiss();
  expect(bulk.jobs).toEqual([]);
});
