/**
 * What it costs to know who is calling: calls with the token of the home, and with the JWT of another issuer, beside calls
 * that prove nothing, by turns and in the same run.
 */
import { startIssuer } from '../support/issuer.ts';
import { measureByTurns } from './by-turns.ts';
import { type Candidate, sallyport, sallyportFor, sallyportOpen } from './candidates.ts';
import type { Setting } from './gateway-process.ts';
import { number, table } from './markdown.ts';
import { byRound, type Window } from './results.ts';
import type { LoadScenario } from './scenarios.ts';
import { pairedRatio, spread } from './statistics.ts';
import type { Timing } from './window.ts';

/** This share of the requests of a second has to be left. */
export const LEAST = 0.85;

/** The windows of one load, without a proof and with each kind. */
export interface AuthRow {
  readonly title: string;
  readonly open: readonly Window[];
  readonly token: readonly Window[];
  readonly jwt: readonly Window[];
}

/** Measures one load in so many rounds. Throws on a wrong answer. */
export async function measureAuth(
  load: LoadScenario,
  rounds: number,
  setting: Setting,
  timing: Timing,
): Promise<AuthRow> {
  await using issuer = await startIssuer();
  const audience = 'https://bench.example/mcp';
  const candidates = (): Candidate[] => {
    // One that has not ended before the round has.
    const signed = issuer.token({ aud: audience, preferred_username: 'bench' });
    return [sallyportOpen, sallyport, sallyportFor({ issuer: issuer.issuer, audience }, signed)];
  };
  const [open = [], token = [], jwt = []] = await measureByTurns(candidates, load, rounds, setting, timing);
  return { title: load.title, open, token, jwt };
}

/** The rows as a table: rates, and the median of what was left in each turn. */
export function authTable(rows: readonly AuthRow[]): string {
  if (rows.length === 0) return '';
  const rate = (row: Window): number => row.requestsPerSecond;
  return table(
    ['', 'proof', 'requests/s', 'of those without', 'CPU a request', 'target'],
    rows.flatMap(({ title, open, token, jwt }) =>
      [
        { proof: 'none', windows: open },
        { proof: 'token', windows: token },
        { proof: 'JWT', windows: jwt },
      ].map(({ proof, windows }) => {
        const left = pairedRatio(byRound(windows, rate), byRound(open, rate))?.median ?? Number.NaN;
        return [
          title,
          proof,
          number(spread(windows.map(rate)).median, 0),
          number(left, 2),
          `${number(spread(windows.map((row) => row.cpuMicrosecondsPerRequest)).median, 1)} µs`,
          proof === 'none' ? '' : left >= LEAST ? 'reached' : '**not reached**',
        ];
      }),
    ),
  );
}
