import { expect, test } from "vitest";
import { mayPass, problemOf, Refused } from "./problem";

async function refusal(status: number, body: unknown, headers: HeadersInit = {}): Promise<Refused> {
  const response = new Response(null, { status, headers });
  return new Refused(await problemOf(response, body), response);
}

test("a problem document is read", async () => {
  const errors = [{ pointer: "/title", detail: "is required" }];
  const body = { type: "/problems/validation-failed", detail: "Correct it.", errors };
  const { problem } = await refusal(422, body);
  expect(problem).toMatchObject({ slug: "validation-failed", detail: "Correct it.", errors });
});

test("a refusal of API Gateway itself has no document, and is known by its status", async () => {
  const busy = await refusal(429, { message: "Too Many Requests" }, { "retry-after": "7" });
  expect([busy.problem.slug, busy.problem.retryAfter]).toEqual(["too-many-requests", 7]);
  expect((await refusal(503, "<html>")).problem.slug).toBe("unavailable");
  expect((await refusal(500, Promise.reject(new Error()))).problem.slug).toBe("internal");
});

test("a busy help desk may answer later, a refusal stays", async () => {
  const statuses = [429, 500, 503, 403, 409, 422];
  const passing = await Promise.all(statuses.map(async (status) => mayPass(await refusal(status, {}))));
  expect(passing).toEqual([true, true, true, false, false, false]);
});
