import { z } from 'zod';
import { parseCount, parseDuration, parseSize, type Reading } from './units.ts';

/** A zod transform out of a function that reads a value; the hint of a problem goes along in `params`. */
export function reading<From, To>(
  read: (input: From) => Reading<To>,
): (input: From, ctx: z.RefinementCtx) => To {
  return (input, ctx) => {
    const result = read(input);
    if ('value' in result) return result.value;
    ctx.addIssue({ code: 'custom', message: result.problem, params: { hint: result.hint } });
    return z.NEVER;
  };
}

/** A zod refinement of the same. */
export function readable<T>(read: (input: T) => Reading<unknown>): (ctx: z.core.ParsePayload<T>) => void {
  return (ctx) => {
    const result = read(ctx.value);
    if ('value' in result) return;
    const { problem: message, hint } = result;
    ctx.issues.push({ code: 'custom', message, params: { hint }, input: ctx.value });
  };
}

// Text may stand for every number, since `${env:X}` is text; so each of these reads both.

/** A number of bytes: 4MiB. */
export const size = (bytes: string) =>
  z.union([z.number(), z.string()]).transform(reading(parseSize)).prefault(bytes);
/** A time in milliseconds: 30s. */
export const duration = (time: string) =>
  z.union([z.number(), z.string()]).transform(reading(parseDuration)).prefault(time);
/** A whole number from 1 on. */
export const count = (number: number) =>
  z.union([z.int(), z.string()]).transform(reading(parseCount)).prefault(number);

// A NUL ends a string for the operating system, and so would hide what comes after it.
/** Text that a process is given. */
export const processText = z
  .string()
  .check(
    readable((text) =>
      text.includes('\0') ? { problem: 'This contains a NUL character.' } : { value: text },
    ),
  );
/** The name of an environment variable. */
export const variableName = z
  .string()
  .check(
    readable((name) =>
      /^[^=\0]+$/.test(name) ? { value: name } : { problem: 'This cannot be the name of a variable.' },
    ),
  );
