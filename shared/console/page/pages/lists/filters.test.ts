import { expect, test } from "vitest";
import { addressOf, filtersOf, ignoredOf, requestOf, sortOf, textOf } from "./filters";
import { LISTS } from "./lists";

const { queue, work, all, mine } = LISTS;
const ID = "019bb13c-a3e0-7c85-8b1f-2d3e4f5a6b7c";

const query = (text: string) => new URLSearchParams(text);

test("an address and its filters are the same", () => {
  const address = `/app/all?status=resolved&assignee=${ID}&priority=high&tag=third+floor`;
  const filters = filtersOf(all, query(address.split("?")[1]!));
  expect(filters).toEqual({
    status: "resolved",
    assignee: ID,
    priority: "high",
    tag: "third floor",
  });
  expect(addressOf(all, filters)).toBe(address);
});

test("what the API would refuse is no filter", () => {
  const text = `status=done&assignee=rita&requester=&priority=1&category=${"c".repeat(51)}&tag=+`;
  expect(filtersOf(all, query(text))).toEqual({});
  expect(filtersOf(all, query(`category=${"c".repeat(50)}&tag=${"😀".repeat(30)}`))).toEqual({
    category: "c".repeat(50),
    tag: "😀".repeat(30),
  });
});

test("what counts for nothing in an address is named", () => {
  const text = "status=opne&priority=high&tag=&sort=none&color=red";
  expect(ignoredOf(all, query(text))).toEqual(["status"]);
  expect(ignoredOf(queue, query(text))).toEqual([]);
  expect(ignoredOf(queue, query(`priority=5&tag=${"t".repeat(31)}`))).toEqual(["priority", "tag"]);
});

test("a list has its own filters only", () => {
  const text = `status=closed&assignee=none&priority=low`;
  expect(filtersOf(queue, query(text))).toEqual({ priority: "low" });
  expect(filtersOf(mine, query(text))).toEqual({ status: "closed" });
});

test("the members of an address have one order, whatever order they were typed in", () => {
  const sort = { column: "updated", isDescending: true } as const;
  const one = addressOf(all, { tag: "vpn", status: "open" }, sort, "next");
  expect(one).toBe("/app/all?status=open&tag=vpn&sort=-updated&cursor=next");
  expect(addressOf(all, { status: "open", tag: "vpn" }, sort, "next")).toBe(one);
  expect(addressOf(all, {})).toBe("/app/all");
});

test("what a list shows anyway is not in its address", () => {
  expect(addressOf(work, { status: "in_progress" })).toBe("/app/work");
  expect(addressOf(work, { status: "resolved" })).toBe("/app/work?status=resolved");
});

test("a list asks for its own tickets, whatever the filters are", () => {
  expect(requestOf(queue, { priority: "high" }, "")).toEqual({
    status: "open",
    priority: "high",
    limit: 50,
  });
  expect(requestOf(work, {}, "")).toEqual({ assignee: "me", status: "in_progress", limit: 50 });
  expect(requestOf(work, { status: "closed" }, "")).toMatchObject({ status: "closed" });
  expect(requestOf(mine, {}, "next")).toEqual({ requester: "me", limit: 50, cursor: "next" });
});

test("a sort names a column of the list", () => {
  expect(sortOf(all, query("sort=-updated"))).toEqual({ column: "updated", isDescending: true });
  expect(sortOf(all, query("sort=title"))).toEqual({ column: "title", isDescending: false });
  expect(sortOf(queue, query("sort=assignee"))).toBeUndefined();
  expect(sortOf(all, query("sort=--title"))).toBeUndefined();
  expect(sortOf(all, query(""))).toBeUndefined();
  expect(textOf(sortOf(all, query("sort=-updated")))).toBe("-updated");
});
