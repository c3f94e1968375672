import { expect, test } from "vitest";
import { pageOf, PAGES } from "./routes";

test("every page is found at its own path", () => {
  for (const page of PAGES) {
    const found = pageOf(page.path.replace("{id}", "7"));
    expect(found).toEqual({ page, id: page.path.endsWith("{id}") ? "7" : "" });
  }
});

test("an id is one part of the path, and never empty", () => {
  expect(pageOf("/app/tickets/7")?.id).toBe("7");
  expect(pageOf("/app/tickets/7/8")).toBeUndefined();
  expect(pageOf("/app/tickets/")).toBeUndefined();
  expect(pageOf("/app/people/%E0%A4%A")?.id).toBe("%E0%A4%A");
});

test("other paths have no page", () => {
  for (const path of ["/", "/app", "/app/", "/app/nothing", "//app/queue", "/app/QUEUE"]) {
    expect(pageOf(path), path).toBeUndefined();
  }
});
