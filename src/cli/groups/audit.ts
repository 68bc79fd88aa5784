import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AddCommands } from './group.ts';

/** Reading the audit log: the same filters for every command. */
export const auditCommands: AddCommands = (program, { terminal, finish }) => {
  const audit = program
    .command('audit')
    .summary('read and check the audit log')
    .description(
      'Reads the record of calls and refusals that a gateway keeps when its config says `audit: {}`. Filters are words such as user:alice tool:net__* outcome:-ok since:1h pii:true; a record has to fit all of them.',
    );
  const add = (name: string, summary: string): Command =>
    audit
      .command(name)
      .summary(summary)
      .option('-c, --config <file>', 'the config that says where the log is (default: ./sallyport.yaml)')
      .option('--file <log>', 'the log itself');

  add('tail', 'the last records, and what comes')
    .description('Shows the last records that fit, and with -f those that come.')
    .argument('[filter...]', 'which records')
    .option('-f, --follow', 'go on until it is stopped')
    .addOption(new Option('-n, --lines <n>', 'how many').argParser(count).default(20))
    .option('--json', 'the lines as they were written')
    .action(async (filter: string[], options) => {
      const { auditTail } = await import('../commands/audit.ts');
      finish(await auditTail(filter, options, terminal));
    });

  add('search', 'the records that fit')
    .description('Shows every record that fits, the oldest first.')
    .argument('[filter...]', 'which records')
    .addOption(new Option('--limit <n>', 'only the last so many').argParser(count))
    .option('--json', 'the lines as they were written')
    .action(async (filter: string[], options) => {
      const { auditSearch } = await import('../commands/audit.ts');
      finish(await auditSearch(filter, options, terminal));
    });

  add('top', 'who and what occurs most')
    .description('Counts the records that fit by a field; by pii, the values of each kind.')
    .argument('<field>', 'user, client, tool, server, method, outcome, action, policy, ip or pii')
    .argument('[filter...]', 'which records')
    .addOption(new Option('--limit <n>', 'how many').argParser(count).default(10))
    .option('--json', '{"field":…,"top":[{"value","count"}]}')
    .action(async (field: string, filter: string[], options) => {
      const { auditTop } = await import('../commands/audit.ts');
      finish(await auditTop(field, filter, options, terminal));
    });

  add('export', 'as CSV, or JSON lines')
    .description('Writes the records that fit as CSV, or with --json as they are.')
    .argument('[filter...]', 'which records')
    .option('--json', 'JSON lines')
    .action(async (filter: string[], options) => {
      const { auditExport } = await import('../commands/audit.ts');
      finish(await auditExport(filter, options, terminal));
    });

  add('verify', 'check that nothing was changed')
    .description(
      'Reads the whole log and checks each record and its place, and the signed checkpoints. Names the first bad record and ends with 1 when the log is not what was written.',
    )
    .option('--keys <folder>', 'the keys of the log (default: those of the home)')
    .option('--json', 'the verdict as JSON')
    .action(async (options) => {
      const { auditVerify } = await import('../commands/audit.ts');
      finish(await auditVerify(options, terminal));
    });

  add('report', 'a page on what happened')
    .description(
      'Writes a page in Markdown: volumes, users, tools, personal data, denials, alerts, the chain.',
    )
    .argument('[filter...]', 'which records')
    .option('--json', 'the same as JSON')
    .action(async (filter: string[], options) => {
      const { auditReport } = await import('../commands/audit.ts');
      finish(await auditReport(filter, options, terminal));
    });
};

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It is a whole number from 1 on.');
}
