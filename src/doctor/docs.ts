import type { Symptom } from './check.ts';
import { CHECKS } from './registry.ts';

const HEAD = `# Troubleshooting

<!-- Written by scripts/generate-troubleshooting.mjs from src/doctor/checks. To change it, change a check and run the script. -->

\`sallyport doctor\` looks at this machine: Node, the configuration, ports, files, keys, logs, and every server, which it
starts and ends. \`sallyport doctor --public https://HOST\` looks at the gateway as its clients see it as well. Each line has
a verdict, and where something is wrong the command that mends it; \`--fix\` mends what can do no harm and says what it
did. \`--bundle FILE\` writes a file for whoever is to help, without secrets and personal values. The exit code is 1 when
something fails.

A test of a machine that is not published yet: \`--connect-to HOST:443:127.0.0.1:8443\` connects elsewhere than the name
leads, as curl's option does, and \`--ca FILE\` believes an authority of one's own. \`--token\` (or \`SALLYPORT_TOKEN\`) lets
it call tools; it goes to that address and nowhere else.

## Symptoms
`;

/** docs/troubleshooting.md. */
export function troubleshootingPage(): string {
  const rows = CHECKS.flatMap(({ name, symptoms }) => symptoms.map((symptom) => cells(name, symptom)));
  const symptoms = table(['What one sees', 'Why', 'What to do', 'Check'], rows);
  const checks = [
    '## Checks of this machine',
    '',
    ...listOf('inside'),
    '',
    '## Checks from outside',
    '',
    ...listOf('outside'),
  ];
  return `${[HEAD, ...symptoms, '', ...checks].join('\n')}\n`;
}

function listOf(side: 'inside' | 'outside'): string[] {
  return CHECKS.filter((check) => check.side === side).map(
    ({ name, looksAt }) => `- \`${name}\`: ${looksAt}.`,
  );
}

function cells(name: string, { sees, cause, remedy }: Symptom): string[] {
  return [sees, cause, remedy, `\`${name}\``].map((text) =>
    text.replaceAll('|', '\\|').replaceAll(/ {2,}/g, ' '),
  );
}

/** Columns of one width, as the formatter of the docs leaves them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
