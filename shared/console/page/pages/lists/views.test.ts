import { beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
});
const { Views } = await import("./views.svelte");

beforeEach(() => kept.clear());

test("a view is there after a reload, for its person and list alone", () => {
  new Views("tina", "queue").save(" Paper jams ", "/app/queue?tag=paper");
  const again = new Views("tina", "queue");
  expect(again.all).toEqual([{ name: "Paper jams", address: "/app/queue?tag=paper" }]);
  expect(again.at("/app/queue?tag=paper")?.name).toBe("Paper jams");
  expect(again.named("paper JAMS ")).toBe(again.all[0]);
  expect(new Views("theo", "queue").all).toEqual([]);
  expect(new Views("tina", "all").all).toEqual([]);
});

test("a view gets another name, and goes", () => {
  const views = new Views("tina", "queue");
  views.save("One", "/app/queue?tag=one");
  views.save("Two", "/app/queue?tag=two");
  views.rename(views.all[0]!, "First");
  expect(views.all.map((view) => view.name)).toEqual(["First", "Two"]);
  views.remove(views.all[0]!);
  expect(new Views("tina", "queue").all.map((view) => view.name)).toEqual(["Two"]);
});

test("what another tab saved stays", () => {
  const [here, there] = [new Views("tina", "queue"), new Views("tina", "queue")];
  here.save("One", "/app/queue?tag=one");
  there.save("Two", "/app/queue?tag=two");
  here.rename(here.all[0]!, "First");
  expect(here.all.map((view) => view.name)).toEqual(["First", "Two"]);
});
