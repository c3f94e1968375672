import { expect, test } from "vitest";
import { dueIn, duration } from "./due";

const NOW = Date.parse("2026-11-28T09:30:00.000Z");
const after = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

test("what is due is said in seconds, minutes or hours", () => {
  expect(dueIn(after(-1), NOW, "en")).toBeUndefined();
  expect(dueIn(after(5), NOW, "en")).toBe("in 5 seconds");
  expect(dueIn(after(290), NOW, "en")).toBe("in 5 minutes");
  expect(dueIn(after(7200), NOW, "pt-BR")).toBe("em 2 horas");
});

test("how long it took is said in milliseconds or seconds", () => {
  expect(duration(64, "en")).toBe("64 ms");
  expect(duration(15_002, "en")).toBe("15 sec");
  expect(duration(1_540, "pt-BR")).toBe("1,5 s");
});
