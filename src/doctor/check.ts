import type { Patient } from './patient.ts';
import type { Site } from './site.ts';

/** `skip`: there is nothing to look at, or something else has to be mended first. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'skip';

/** What a check found. */
export interface Finding {
  readonly verdict: Verdict;
  /** One line, without secrets. */
  readonly says: string;
  /** The command or the line of the config that mends it. */
  readonly fix?: string;
  /** More lines for who wants to know. */
  readonly details?: readonly string[];
  /** Mends what cannot do harm; resolves with what it did. Present only where that is so. */
  readonly mend?: () => Promise<string>;
}

/** What somebody sees who does not know yet what is wrong: a row of docs/troubleshooting.md. */
export interface Symptom {
  readonly sees: string;
  readonly cause: string;
  readonly remedy: string;
}

interface Described {
  /** In kebab case; never changed. */
  readonly name: string;
  readonly looksAt: string;
  /** Rows of the table of symptoms. */
  readonly symptoms: readonly Symptom[];
  /** Checks that have to be well before this one says anything of its own. */
  readonly needs?: readonly string[];
  /** Milliseconds; default: {@link DEFAULT_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
}

/** Looks at this machine. */
export interface InsideCheck extends Described {
  readonly side: 'inside';
  look(patient: Patient, signal: AbortSignal): Promise<Finding>;
}

/** Looks at the gateway as its clients see it. */
export interface OutsideCheck extends Described {
  readonly side: 'outside';
  look(site: Site, signal: AbortSignal, patient: Patient): Promise<Finding>;
}

export type Check = InsideCheck | OutsideCheck;

export const DEFAULT_TIMEOUT_MS = 15_000;

/** Findings in short. */
export const ok = (says: string, details?: readonly string[]): Finding => ({
  verdict: 'ok',
  says,
  ...(details && { details }),
});
export const skip = (says: string): Finding => ({ verdict: 'skip', says });
export const warn = (says: string, fix: string, more: Partial<Finding> = {}): Finding => ({
  ...more,
  verdict: 'warn',
  says,
  fix,
});
export const fail = (says: string, fix: string, more: Partial<Finding> = {}): Finding => ({
  ...more,
  verdict: 'fail',
  says,
  fix,
});
