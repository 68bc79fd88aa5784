import type { Diagnostic } from '../../config/diagnose.ts';
import { fail, type InsideCheck, ok, skip, warn } from '../check.ts';

export const config: InsideCheck = {
  name: 'config',
  side: 'inside',
  looksAt: 'the configuration',
  symptoms: [
    {
      sees: 'sallyport up ends with a list of mistakes, or a reload is refused',
      cause: 'The configuration has a mistake.',
      remedy: 'sallyport validate',
    },
  ],
  async look({ config: read }) {
    if (!read) return skip('there is no sallyport.yaml here; --config FILE names one');
    const details = read.diagnostics.map(line);
    const fix = `sallyport validate ${read.file}`;
    if (!read.loaded) return fail(`${read.file} cannot be used`, fix, { details });
    const count = read.loaded.config.servers.length;
    const warnings = read.diagnostics.filter(({ severity }) => severity === 'note');
    if (warnings.length > 0)
      return warn(`${read.file} can be used; ${warnings.length} to look at`, fix, { details });
    return ok(`${read.file}: ${count} ${count === 1 ? 'server' : 'servers'}`, details);
  },
};

function line({ severity, message, line: at }: Diagnostic): string {
  return `${at === undefined ? '' : `line ${at}: `}${severity}: ${message}`;
}
