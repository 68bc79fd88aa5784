import { type Check, DEFAULT_TIMEOUT_MS, type Finding, skip } from './check.ts';
import type { Patient } from './patient.ts';

/** What a check said, and how long it took. */
export interface Outcome extends Finding {
  readonly name: string;
  readonly side: Check['side'];
  readonly looksAt: string;
  readonly ms: number;
  /** The check that has to be well before this one can look. */
  readonly waitsFor?: string;
}

/** How many checks stand at the door at once: more would meet its limits, and prove nothing. */
const AT_ONCE = 4;

/**
 * Runs checks side by side, each for as long as it may take. One that needs another waits for it, and is left out where
 * that one failed: what follows from a mistake is not a second mistake.
 * @param told each outcome, as soon as it is there
 * @returns in the order of the checks
 */
export async function examine(
  checks: readonly Check[],
  patient: Patient,
  told: (outcome: Outcome) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Outcome[]> {
  const running = new Map<string, Promise<Outcome>>();
  const door = turnstile(AT_ONCE);
  const look = (check: Check): Promise<Finding> => {
    const go = (): Promise<Finding> => looked(check, patient, signal);
    return check.side === 'inside' ? go() : door(go);
  };
  const runOne = async (check: Check): Promise<Outcome> => {
    const needed = await Promise.all((check.needs ?? []).flatMap((name) => running.get(name) ?? []));
    const began = performance.now();
    const first = needed.flatMap((outcome) => outcome.waitsFor ?? failed(outcome))[0];
    const finding = first === undefined ? await look(check) : skip(`${first} comes first`);
    const { name, side, looksAt } = check;
    const ms = Math.round(performance.now() - began);
    const waiting = first === undefined ? {} : { waitsFor: first };
    const outcome = { ...finding, ...waiting, name, side, looksAt, ms };
    told(outcome);
    return outcome;
  };
  for (const check of checks) running.set(check.name, runOne(check));
  return Promise.all(running.values());
}

function failed(outcome: Outcome): string[] {
  return outcome.verdict === 'fail' ? [outcome.name] : [];
}

/** Lets in so many at once; the others wait in the order in which they came. */
function turnstile(most: number): <T>(go: () => Promise<T>) => Promise<T> {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (go) => {
    if (inside < most) inside += 1;
    // Whoever leaves hands the place on.
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await go();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    }
  };
}

async function looked(check: Check, patient: Patient, signal: AbortSignal): Promise<Finding> {
  const timeoutMs = check.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    if (check.side === 'inside') return await check.look(patient, limit);
    if (!patient.site) return skip('--public URL looks at it from outside');
    return await check.look(patient.site, limit, patient);
  } catch (error) {
    const says = limit.aborted
      ? `there was no answer within ${timeoutMs / 1000} s`
      : error instanceof Error
        ? error.message
        : String(error);
    return { verdict: 'fail', says, fix: check.symptoms[0]?.remedy ?? 'sallyport doctor --json shows more' };
  }
}
