import type { Summary } from './summary.ts';
import type { Verdict } from './verify.ts';

/** A log in a page: what happened, and whether the record of it is whole. @param chain a sentence on that */
export function reportPage(summary: Summary, chain: string): string {
  const { records, from = '—', to = '—', calls, denied, errors, withPii } = summary;
  return [
    '# Audit report',
    '',
    `${from} to ${to}: ${records} records, ${calls} calls, ${denied} of them denied, ${errors} failed, ${withPii} with personal data.`,
    '',
    `**The chain**: ${chain}`,
    '',
    ...table('Users', 'calls', summary.users),
    ...table('Tools', 'calls', summary.tools),
    ...table('Personal data', 'values', summary.pii),
    ...table('Denials', 'calls', summary.denials),
    ...table('Alerts', 'times', summary.alerts),
  ].join('\n');
}

/** Whether a log is what was written, in a sentence. */
export function chainState({ problem, records, files, checkpoints, torn, beginsAt }: Verdict): string {
  if (problem) {
    const { file, line, seq, reason } = problem;
    return `broken. Record ${seq} (${file}:${line}): ${reason}.`;
  }
  const whole = `whole. ${plural(records, 'record')} in ${plural(files, 'file')}, ${plural(checkpoints, 'checkpoint')} agree.`;
  const later = beginsAt > 1 ? ` It begins with record ${beginsAt}: older files are not here.` : '';
  return `${whole}${later}${torn ? ' Its last line is unfinished: the gateway writes it, or was killed.' : ''}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function table(title: string, what: string, rows: Summary['users']): string[] {
  const lines = rows.map(({ value, count }) => `| ${cell(value)} | ${count} |`);
  const body = lines.length === 0 ? ['None.'] : [`| | ${what} |`, '| --- | ---: |', ...lines];
  return [`## ${title}`, '', ...body, ''];
}

/** A name of somebody else must not become markup. */
function cell(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '�')
    .replaceAll(/[\\|`*_<>[\]]/g, String.raw`\$&`);
}
