import { existsSync } from 'node:fs';
import { logFiles } from '../../audit/files.ts';
import { auditPaths } from '../../audit/paths.ts';
import { chainState } from '../../audit/report.ts';
import { verdictOn } from '../../audit/state.ts';
import { fail, type InsideCheck, ok, skip } from '../check.ts';

export const auditChain: InsideCheck = {
  name: 'audit-chain',
  side: 'inside',
  looksAt: 'whether the audit log is what was written',
  needs: ['modes', 'keys'],
  timeoutMs: 60_000,
  symptoms: [
    {
      sees: 'sallyport audit verify ends with exit code 1',
      cause: 'A record of the audit log was changed, taken away or added.',
      remedy: 'sallyport audit verify   names the record; keep the file as evidence and begin a new one',
    },
  ],
  async look({ home, config }) {
    const paths = auditPaths(config?.loaded?.config.audit ?? {}, home);
    if ((await logFiles(paths.log)).length === 0) return skip('there is no audit log');
    // A log that was moved away from its keys cannot be checked, and looking must not make new ones.
    if (!existsSync(paths.keys))
      return fail('the keys of the log are gone', `restore ${paths.keys} from a backup`);
    const verdict = await verdictOn(paths);
    if (!verdict.problem) return ok(chainState(verdict));
    return fail(chainState(verdict), 'sallyport audit verify   names the record; keep the file as evidence');
  },
};
