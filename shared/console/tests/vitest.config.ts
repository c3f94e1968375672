import { defineConfig } from "vitest/config";

/** How long a test may take, in milliseconds: several times as long as on two busy cores. */
const TEST_MS = 60_000;
/** How long it may take to measure one thing five times, each with a help desk of its own. */
const MEASUREMENT_MS = 600_000;

/** What runs, by mode: the tests, the measurements or the pictures of the documents. */
const FILES: Record<string, string> = {
  test: "**/*.spec.ts",
  budgets: "budgets.ts",
  pictures: "pictures.ts",
};

export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  test: {
    include: [FILES[mode]!],
    globalSetup: "./help-desk.ts",
    testTimeout: mode === "test" ? TEST_MS : MEASUREMENT_MS,
    hookTimeout: TEST_MS,
    // Two browsers at a time keep two cores busy.
    maxWorkers: mode === "test" ? 2 : 1,
  },
}));
