import { expect, test, vi } from "vitest";
import { type Problem, Refused, Unreachable } from "../api/problem";

vi.mock("../words/failures", () => ({ whyNotDone: () => "refused" }));
vi.mock("../words/faults", () => ({ faultAt: () => undefined }));
const { Creation } = await import("./creation.svelte");

const form = { querySelector: () => null };
const submitted = { preventDefault: () => {}, currentTarget: form } as unknown as SubmitEvent;
const refused = (status: number) => new Refused({ status, slug: "" } as Problem, new Response());

test.each([
  ["may have been created where no answer came", true, new Unreachable("offline")],
  ["may have been created where the help desk failed", true, refused(500)],
  ["was not created where the help desk refused it", false, refused(422)],
])("it %s", async (_, isUnsure, failure) => {
  const creation = new Creation<string>([]);
  const made = await creation.create(submitted, {}, () => Promise.reject(failure));
  expect([made, creation.isUnsure]).toEqual([undefined, isUnsure]);
  creation.clear();
  expect(creation.isUnsure).toBe(false);
});

test("what was created is returned", async () => {
  const creation = new Creation<string>([]);
  expect(await creation.create(submitted, {}, async () => ({ data: "token" }))).toBe("token");
});
