/** Is it a day of the calendar, in the past, and of somebody who may be alive? Months and days count from 1. */
export function isBirthday(year: number, month: number, day: number, now: Date = new Date()): boolean {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  // The 31st of June is the 1st of July.
  if (date.getUTCDate() !== day) return false;
  return date <= now && year > now.getUTCFullYear() - 125;
}
