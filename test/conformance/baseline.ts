import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { CLIENT_SUITES, type Outcome, SUITES, type Way } from './suites.ts';

/** What upstream a run has behind the gateway: one that speaks both eras, or only one of them. */
export const FLAVOURS = ['both', 'legacy', 'modern'] as const;
export type Flavour = (typeof FLAVOURS)[number];

const SUITE_NAMES = [...SUITES, ...CLIENT_SUITES].map(({ name }) => name);

const Entries = z.array(
  z.strictObject({
    suites: z.array(z.enum(SUITE_NAMES)).min(1),
    scenarios: z.array(z.string()).min(1),
    reason: z.string().min(20),
  }),
);

/**
 * Why something is expected to fail, by `suite/scenario` or `suite/scenario:check`. A scenario alone stands for all of
 * its checks; a check leaves the rest of its scenario to be passed.
 */
export type Baseline = ReadonlyMap<string, string>;

/** @param of an upstream behind the gateway, or a way to be a client */
export function readBaseline(of: Flavour | Way): Baseline {
  const file = join(import.meta.dirname, 'baseline', `${of}.yaml`);
  const entries = Entries.parse(parse(readFileSync(file, 'utf8')) ?? []);
  return new Map(
    entries.flatMap(({ suites, scenarios, reason }) =>
      suites.flatMap((suite) =>
        scenarios.map((scenario): [string, string] => [`${suite}/${scenario}`, reason]),
      ),
    ),
  );
}

export interface Verdict {
  /** Scenarios. */
  passed: string[];
  /** Scenarios with failures that nobody expected, and expectations that were not met. */
  failed: { name: string; details: readonly string[] }[];
  /** Scenarios that failed in what was expected, and in nothing else. */
  expected: { name: string; reason: string }[];
  skipped: { name: string; reason: string }[];
}

/** Did something fail of which the baseline says nothing? */
export function isSurprise(suite: string, { scenario, state, checks }: Outcome, baseline: Baseline): boolean {
  const name = `${suite}/${scenario}`;
  if (state !== 'failed' || baseline.has(name)) return false;
  return checks.length === 0 || checks.some(({ id }) => !baseline.has(`${name}:${id}`));
}

/** Holds the outcomes of all suites against the baseline. A stale entry fails the run: the list may only get shorter. */
export function judge(outcomes: ReadonlyMap<string, readonly Outcome[]>, baseline: Baseline): Verdict {
  const verdict: Verdict = { passed: [], failed: [], expected: [], skipped: [] };
  const met = new Set<string>();
  for (const [suite, results] of outcomes) {
    for (const { scenario, state, checks } of results) {
      const name = `${suite}/${scenario}`;
      if (state === 'passed') verdict.passed.push(name);
      if (state === 'skipped') {
        verdict.skipped.push({ name, reason: checks.map(({ message }) => message).join('; ') });
      }
      if (state !== 'failed') continue;
      const entries = checks.map(({ id }) => [name, `${name}:${id}`].find((entry) => baseline.has(entry)));
      for (const entry of entries) if (entry !== undefined) met.add(entry);
      const surprises = checks.filter((_check, index) => entries[index] === undefined);
      const [reason] = entries.map((entry) => baseline.get(entry ?? ''));
      if (surprises.length === 0 && reason !== undefined) verdict.expected.push({ name, reason });
      else verdict.failed.push({ name, details: surprises.map(({ id, message }) => `${id}: ${message}`) });
    }
  }
  for (const name of baseline.keys()) {
    const suite = name.slice(0, name.indexOf('/'));
    if (met.has(name) || !outcomes.has(suite)) continue;
    verdict.failed.push({ name, details: ['stale: it no longer fails, so take it out of the baseline'] });
  }
  return verdict;
}
