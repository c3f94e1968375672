import { expect, test } from "vitest";
import { typesFor } from "./kinds";

test("requesters are not asked about notes, which they never see", () => {
  expect(typesFor("user")).not.toContain("noted");
  expect(typesFor("admin")).toContain("noted");
});
