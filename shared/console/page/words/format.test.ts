import { expect, test, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("navigator", { languages: ["de", "en-GB"] });
vi.stubGlobal("document", { addEventListener: () => {}, documentElement: {} });
const { date, day, full, number, relative } = await import("./format");
const { language } = await import("./language.svelte");

const NOW = Date.parse("2026-01-15T12:00:00.000Z");
const ago = (seconds: number) => relative(new Date(NOW - seconds * 1000).toISOString(), NOW);

test("a time is said relative to now, in the largest whole unit", () => {
  expect([0, 59].map(ago)).toEqual(["now", "now"]);
  expect([60, 119, 3_599].map(ago)).toEqual(["1 minute ago", "1 minute ago", "59 minutes ago"]);
  expect([3_600, 86_399].map(ago)).toEqual(["1 hour ago", "23 hours ago"]);
  expect([86_400, 6 * 86_400].map(ago)).toEqual(["yesterday", "6 days ago"]);
});

test("yesterday is the day before, not what is less than two days ago", () => {
  const now = new Date(2026, 0, 14, 9).getTime();
  const at = (day: number, hour: number) => new Date(2026, 0, day, hour).toISOString();
  expect(relative(at(13, 8), now)).toBe("yesterday");
  expect(relative(at(12, 23), now)).toBe("2 days ago");
  expect(relative(at(12, 0), now)).toBe("2 days ago");
});

test("a date is the same in every time zone", () => {
  for (const zone of ["Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
    vi.stubEnv("TZ", zone);
    expect(date("2026-01-15"), zone).toBe("Jan 15, 2026");
  }
  vi.unstubAllEnvs();
});

test("a time that is a week ago is a date", () => {
  expect(ago(7 * 86_400)).toBe("Jan 8, 2026");
});

test("a clock that is late makes no time of the future", () => {
  expect(ago(-90)).toBe("now");
});

test("times and numbers follow the language", () => {
  const at = new Date(2026, 0, 15, 9, 5).toISOString();
  expect(day(at)).toBe("Jan 15, 2026");
  expect(full(at)).toMatch(/^Jan 15, 2026, 9:05\sAM$/);
  expect(number(1234.5)).toBe("1,234.5");
  language.show("pt-BR");
  expect(ago(300)).toBe("há 5 minutos");
  expect(day(at)).toBe("15 de jan. de 2026");
  expect(full(at)).toBe("15 de jan. de 2026, 09:05");
  expect(number(1234.5)).toBe("1.234,5");
  language.show("en");
});
