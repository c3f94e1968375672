import { basename } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** How long a test may take, in milliseconds: several times as long as on two busy cores. */
const TEST_MS = 120_000;
/** How long something that is polled may take, in milliseconds. */
const POLL_MS = 30_000;
/** How long it may take to measure one thing five times, each with a help desk of its own. */
const MEASUREMENT_MS = 600_000;

/** What runs, by mode: the tests, the measurements or the pictures of the documents. */
const FILES: Record<string, string> = {
  test: "**/*.spec.ts",
  budgets: "budgets.ts",
  pictures: "pictures.ts",
};

/** The files that take longest, which begin first, so that none of them runs alone at the end. */
const LONGEST = ["every-page.spec.ts", "access.spec.ts", "main-path.spec.ts"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.includes(basename(moduleId));
    return files.toSorted((one, other) => Number(isLong(other)) - Number(isLong(one)));
  }
}

export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  test: {
    include: [FILES[mode]!],
    globalSetup: "./help-desk.ts",
    testTimeout: mode === "test" ? TEST_MS : MEASUREMENT_MS,
    hookTimeout: TEST_MS,
    expect: { poll: { timeout: POLL_MS } },
    // A machine that stalls may fail a test. What is broken fails twice.
    retry: mode === "test" ? 1 : 0,
    // Two browsers at a time keep two cores busy.
    maxWorkers: mode === "test" ? 2 : 1,
    sequence: { sequencer: LongestFirst },
  },
}));
