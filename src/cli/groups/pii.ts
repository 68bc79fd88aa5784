import type { Command } from 'commander';
import type { AddCommands } from './group.ts';

const LINES = 'text, or JSON lines; default: stdin';

/** `sallyport pii …`: what the guard does, over files. */
export const piiCommands: AddCommands = (program, { terminal, finish }) => {
  const pii = program
    .command('pii')
    .summary('find and hide personal data in text')
    .description(
      'Finds personal data in text, and hides it, as the guard of the gateway does: line by line, plain text or JSON lines.',
    );

  searching(pii.command('scan').summary('say what is where'))
    .description(
      'Says what is where: for JSON lines {"id", "text"}, lines {"id", "entities": [{"type", "start", "end", "score"}]}; for plain text, places. Offsets count UTF-16 units. Values are never shown.',
    )
    .option('--json', 'JSON lines for plain text too; the id is the number of the line')
    .action(async (file: string | undefined, options: { json?: boolean }) => {
      const { scan } = await import('../commands/pii-scan.ts');
      finish(await scan(file, options, terminal));
    });

  searching(pii.command('mask').summary('hide what is found'))
    .description('Hides what is found: letters and digits become `*`.')
    .option('--keep <n>', 'how many of the last letters and digits stay', '0')
    .option('--redact', '[EMAIL_ADDRESS] instead')
    .action(async (file: string | undefined, options: { keep: string; redact?: boolean }) => {
      const { mask } = await import('../commands/pii-rewrite.ts');
      finish(await mask(file, options, terminal));
    });

  keyed(searching(pii.command('encrypt').summary('encrypt what is found')))
    .description('Puts an envelope, ⟦EMAIL_ADDRESS:…⟧, in the place of everything that is found.')
    .option('--fernet-key <file>', 'Fernet tokens instead, for the key in this file')
    .action(async (file: string | undefined, options: Keyed) => {
      const { encrypt } = await import('../commands/pii-rewrite.ts');
      finish(await encrypt(file, options, terminal));
    });

  keyed(pii.command('decrypt').summary('put back what was encrypted').argument('[file]', LINES))
    .description('Puts the values back that envelopes hold.')
    .option('--fernet-key <file>', 'those of Fernet tokens instead, with the key in this file')
    .action(async (file: string | undefined, options: Keyed) => {
      const { decrypt } = await import('../commands/pii-rewrite.ts');
      finish(await decrypt(file, options, terminal));
    });

  keyed(pii.command('rewrap').summary('encrypt anew with the newest key').argument('[file]', LINES))
    .description('Encrypts anew, with the newest key, what envelopes of older keys hold.')
    .option('--rotate', 'make a new key first; without a file, do only that')
    .option('--fernet-key <file>', 'take in Fernet tokens, with the key in this file')
    .option('--entity <type>', 'what Fernet tokens hold', 'SECRET')
    .action(async (file: string | undefined, options: Keyed & { rotate?: boolean; entity: string }) => {
      const { rewrap } = await import('../commands/pii-rewrite.ts');
      finish(await rewrap(file, options, terminal));
    });

  search(pii.command('eval').summary('measure how well it finds').argument('<file>', 'labelled JSON lines'))
    .description(
      'Tells precision and recall of each type on lines {"text", "entities": [{"type", "start", "end"}]}. A find is right where it overlaps a label of its type.',
    )
    .option('--exact', 'a find is right only where it begins and ends as the label does')
    .option('--json', '{"lines", "scores": [{"type", "precision", "recall", "found", "missed", "false"}]}')
    .action(async (file: string, options: { exact?: boolean; json?: boolean }) => {
      const { evalSet } = await import('../commands/pii-eval.ts');
      finish(await evalSet(file, options, terminal));
    });
};

interface Keyed {
  readonly keys: string;
  readonly tenant: string;
  readonly policy: string;
  readonly fernetKey?: string;
}

function searching(command: Command): Command {
  return search(command.argument('[file]', LINES));
}

function search(command: Command): Command {
  return command
    .option('--types <list>', 'only these, with commas between them: EMAIL_ADDRESS,KR_RRN')
    .option('--threshold <n>', 'how sure a find has to be, from 0 to 1')
    .option('--patterns <file>', "patterns of one's own, as in pii_patterns.json");
}

function keyed(command: Command): Command {
  return command
    .option('--keys <file>', 'the key file, for its owner only', 'pii-keys.json')
    .option(
      '--tenant <name>',
      'whose values they are: the id of a user of the gateway, or `gateway`',
      'gateway',
    )
    .option('--policy <name>', 'the name of the policy that encrypts', 'default');
}
