import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../test/support/terminal.ts';
import { commandPath, everyCommand } from './command-path.ts';
import { EXAMPLES } from './examples.ts';
import { EXIT, EXIT_MEANINGS } from './exit-codes.ts';
import { LOG_LEVELS as CONFIG_LEVELS, PROTOCOL_VERSIONS } from '../config/schema.ts';
import { createProgram, LOG_LEVELS, PROTOCOLS } from './program.ts';
import { cliReference } from './reference.ts';

const program = createProgram([], recordingTerminal(), () => {});
const reference = cliReference(program);

describe('docs/cli.md', () => {
  it('says what the program does (`vitest -u` writes it anew)', async () => {
    await expect(reference).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/cli.md'));
  });

  it('has every exit code with its meaning, and no number twice', () => {
    for (const [name, meaning] of Object.entries(EXIT_MEANINGS)) {
      expect(reference).toMatch(new RegExp(`^\\| ${EXIT[name as keyof typeof EXIT]} +\\| `, 'm'));
      expect(reference).toContain(meaning);
    }
    expect(Object.keys(EXIT_MEANINGS)).toEqual(Object.keys(EXIT));
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
  });

  it('has every command and every option', () => {
    for (const command of program.commands) {
      expect(reference).toContain(`## \`sallyport ${command.name()} `);
      for (const option of command.options) expect(reference).toContain(`- \`${option.flags}\``);
    }
  });
});

describe('--log-level', () => {
  it('takes the levels of the config', () => {
    expect(LOG_LEVELS).toEqual(CONFIG_LEVELS);
  });
});

describe('--protocol', () => {
  it('takes the versions of the config', () => {
    expect(PROTOCOLS).toEqual(PROTOCOL_VERSIONS);
  });
});

describe('the examples', () => {
  it('are there for every command', () => {
    expect([...EXAMPLES.keys()].sort()).toEqual(everyCommand(program).map(commandPath).sort());
  });

  it('use commands and options that exist', () => {
    for (const [line] of [...EXAMPLES.values()].flat()) {
      const [own = ''] = line.split(/ -- | \| | > /);
      const words = own.split(/\s+/).slice(1);
      let command = program;
      for (const word of words) {
        const inner = command.commands.find((candidate) => candidate.name() === word);
        if (!inner) break;
        command = inner;
      }
      expect(command, line).not.toBe(program);
      const known = command.options.map((option) => option.long);
      for (const word of words.filter((part) => part.startsWith('--'))) expect(known, line).toContain(word);
    }
  });
});
