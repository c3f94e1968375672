import { expect, test, vi } from "vitest";
import { SignedOut } from "../api/problem";

vi.mock("../api/session.svelte", () => ({ session: { state: "signed-in" } }));
const { Loaded } = await import("./loaded.svelte");

test("what failed to load can be asked for again, and says so until it is there", async () => {
  const loaded = new Loaded<string>();
  const read = vi.fn().mockRejectedValueOnce("offline").mockResolvedValue("here");
  await loaded.load(read);
  expect([loaded.data, loaded.failure]).toEqual([undefined, "offline"]);
  const again = loaded.again();
  expect([loaded.failure, loaded.isLoading]).toEqual(["offline", true]);
  await again;
  expect([loaded.data, loaded.failure, loaded.isLoading]).toEqual(["here", undefined, false]);
});

test("a session that ended is not said to be a failure", async () => {
  const loaded = new Loaded<string>();
  await loaded.load(() => Promise.reject(new SignedOut()));
  expect(loaded.failure).toBeUndefined();
});

test("an answer that comes after a later one does not count", async () => {
  const loaded = new Loaded<string>();
  let answer = (_: string) => {};
  const first = loaded.load(() => new Promise<string>((resolve) => (answer = resolve)));
  await loaded.load(() => Promise.resolve("later"));
  answer("earlier");
  await first;
  expect(loaded.data).toBe("later");
});
