import { clock } from "../state/clock.svelte";
import { language } from "./language.svelte";

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** From this age on, a time is shown as a date. */
const WEEK = 7 * DAY;

/** Returns how long ago a time was, such as "5 minutes ago", or its date if that is long ago. */
export function relative(at: string, now = clock.now): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  if (seconds >= WEEK) return day(at);
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  if (seconds < MINUTE) return format.format(0, "second");
  if (seconds < HOUR) return format.format(-Math.floor(seconds / MINUTE), "minute");
  if (seconds < DAY) return format.format(-Math.floor(seconds / HOUR), "hour");
  return format.format(-Math.floor(seconds / DAY), "day");
}

/** Returns a time with its date and minute. */
export function full(at: string): string {
  return new Intl.DateTimeFormat(language.value, {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(new Date(at));
}

/** Returns the date of a time. */
export function day(at: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium" }).format(new Date(at));
}

export function number(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}
