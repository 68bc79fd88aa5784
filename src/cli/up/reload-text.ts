import type { ReloadReport } from '../../gateway.ts';
import type { Style } from '../style.ts';

/** What a reload did, as a diff of the servers. */
export function reloadText(report: ReloadReport, style: Style): string {
  const { added, removed, changed, kept, needsRestart } = report;
  const lines = [
    ...added.map((name) => style.good(`+ ${name}`)),
    ...changed.map((name) => style.warn(`~ ${name}  restarted`)),
    ...removed.map((name) => style.bad(`- ${name}`)),
    ...(kept.length === 0 ? [] : [style.faint(`= ${kept.join(', ')}  kept`)]),
    ...(needsRestart.length === 0
      ? []
      : [style.warn(`! ${needsRestart.join(', ')}: taken over at the next start`)]),
  ];
  const moved = added.length + changed.length + removed.length + needsRestart.length > 0;
  return moved ? ['Config reloaded', ...lines].join('\n') : 'Config reloaded, nothing has changed';
}
