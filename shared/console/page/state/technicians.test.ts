import { expect, test, vi } from "vitest";

const get = vi.fn();
vi.mock("../api/client", () => ({
  api: { GET: (path: string, options: unknown) => get(path, options) },
  answered: (answer: unknown) => answer,
}));
const { readTechnicians } = await import("./technicians");

test("every page is read, and what is known so far is told", async () => {
  get
    .mockResolvedValueOnce({ data: { items: [{ name: "A" }, { name: "B" }], next_cursor: "2" } })
    .mockResolvedValueOnce({ data: { items: [{ name: "C" }], next_cursor: null } });
  const known: string[][] = [];
  await readTechnicians((users) => known.push(users.map(({ name }) => name)));
  expect(known).toEqual([["A", "B"], ["A", "B", "C"]]);
  expect(get.mock.calls[1]![1].params.query.cursor).toBe("2");
});
