const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Returns when something is due, such as "in 5 minutes", or nothing if it is due now. */
export function dueIn(at: string, now: number, language: string): string | undefined {
  const seconds = Math.ceil((Date.parse(at) - now) / 1000);
  if (seconds <= 0) return undefined;
  const format = new Intl.RelativeTimeFormat(language);
  if (seconds < MINUTE) return format.format(seconds, "second");
  if (seconds < HOUR) return format.format(Math.ceil(seconds / MINUTE), "minute");
  return format.format(Math.ceil(seconds / HOUR), "hour");
}

/** Returns how long something took, such as "64 ms" or "15 s". */
export function duration(milliseconds: number, language: string): string {
  const isShort = milliseconds < 1000;
  const unit = isShort ? "millisecond" : "second";
  const format = new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 });
  return format.format(isShort ? milliseconds : milliseconds / 1000);
}
