const DAY = 24 * 60 * 60 * 1000;
/** Nobody who lives is older, in milliseconds. */
const OLDEST = 125 * 365.25 * DAY;

/**
 * Is it a day of the calendar, in the past, and of somebody who may be alive?
 * @param month from 1 to 12
 * @param now in milliseconds since 1970
 */
export function isBirthday(year: number, month: number, day: number, now: number = Date.now()): boolean {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  const time = Date.UTC(year, month - 1, day);
  // The 31st of June is the 1st of July.
  return time <= now && now - time < OLDEST && new Date(time).getUTCDate() === day;
}
