import { clock } from "../state/clock.svelte";
import { language } from "./language.svelte";

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** From this age on, a time is shown as a date. */
const WEEK = 7 * DAY;

/** Making a format takes longer than using it, and a list uses each hundreds of times. */
const made = new Map<string, unknown>();

function formatOf<F>(name: string, make: (language: string) => F): F {
  const key = `${language.value} ${name}`;
  const format = made.get(key) ?? make(language.value);
  made.set(key, format);
  return format as F;
}

/** Returns how long ago a time was, such as "5 minutes ago", or its date if that is long ago. */
export function relative(
  at: string,
  now = clock.now,
  style: Intl.RelativeTimeFormatStyle = "long",
): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  if (seconds >= WEEK) return day(at);
  const options = { numeric: "auto", style } as const;
  const format = formatOf(style, (name) => new Intl.RelativeTimeFormat(name, options));
  if (seconds < MINUTE) return format.format(0, "second");
  if (seconds < HOUR) return format.format(-Math.floor(seconds / MINUTE), "minute");
  if (seconds < DAY) return format.format(-Math.floor(seconds / HOUR), "hour");
  return format.format(-daysBetween(at, now), "day");
}

/** Returns how many midnights were between two times: yesterday is a date, not 24 hours. */
function daysBetween(at: string, now: number): number {
  const midnightOf = (time: Date) => time.setHours(0, 0, 0, 0) / 1000;
  // A day of 23 or 25 hours counts as one.
  return Math.round((midnightOf(new Date(now)) - midnightOf(new Date(at))) / DAY);
}

/** Returns a time with its date and minute. */
export function full(at: string): string {
  const options = { dateStyle: "medium", timeStyle: "short" } as const;
  return formatOf("full", (name) => new Intl.DateTimeFormat(name, options)).format(new Date(at));
}

/** Returns the date of a time. */
export function day(at: string): string {
  const options = { dateStyle: "medium" } as const;
  return formatOf("day", (name) => new Intl.DateTimeFormat(name, options)).format(new Date(at));
}

/** Returns a date that stands for itself, such as "2026-01-15", whatever the time zone. */
export function date(on: string): string {
  const options = { dateStyle: "medium", timeZone: "UTC" } as const;
  return formatOf("date", (name) => new Intl.DateTimeFormat(name, options)).format(new Date(on));
}

export function number(value: number): string {
  return formatOf("number", (name) => new Intl.NumberFormat(name)).format(value);
}

/** Returns a number of seconds in words, such as "1 minute 5 seconds". */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / MINUTE);
  const rest = seconds % MINUTE;
  const parts = [minutes > 0 && inUnit(minutes, "minute"), rest > 0 && inUnit(rest, "second")];
  return parts.filter(Boolean).join(" ");
}

function inUnit(value: number, unit: "minute" | "second"): string {
  const format = { style: "unit", unit, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(language.value, format).format(value);
}
