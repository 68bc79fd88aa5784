import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JsonValue } from '../../core/json.ts';
import { type Entity, ENTITY_TYPES } from '../../pii/entity.ts';
import { rewriteTexts, type Visit } from '../../pii/json.ts';
import { Operators, replaceEntities, type Treatment } from '../../pii/operators.ts';
import { type Binding, replaceEnvelopes, seal, unseal } from '../../pii/vault/envelope.ts';
import { fernetDecrypt, fernetEncrypt, fernetKey, replaceFernet } from '../../pii/vault/fernet.ts';
import { KeyFileError, openKeyFile, readKeyFile, replaceKeyFile } from '../../pii/vault/key-file.ts';
import type { KeyRing } from '../../pii/vault/key-ring.ts';
import { MemoryTokenStore } from '../../pii/vault/tokens.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorCode, errorMessage, Failure } from '../failure.ts';
import { type EngineFlags, engineOf } from '../pii-engine.ts';
import { linesOf } from '../pii-input.ts';
import type { Terminal } from '../terminal.ts';

/** What every command with keys has. */
export interface KeyFlags {
  readonly keys: string;
  readonly tenant: string;
  readonly policy: string;
  readonly fernetKey?: string;
}

export interface MaskFlags extends EngineFlags {
  readonly keep: string;
  readonly redact?: boolean;
}

/** `sallyport pii mask [FILE]`: the same lines, with letters and digits of every find as `*`. */
export async function mask(
  file: string | undefined,
  flags: MaskFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const keep = Number(flags.keep);
  if (!Number.isInteger(keep) || keep < 0) throw new Failure(EXIT.USAGE, '--keep is a whole number');
  const treatment: Treatment = {
    action: flags.redact ? 'redact' : 'mask',
    keep,
    binding: { tenant: '', policy: '' },
  };
  const operators = new Operators(() => {
    throw new Error('masking needs no key');
  }, new MemoryTokenStore(0));
  return replaceFinds(file, flags, terminal, (type, value) => operators.replacement(type, value, treatment));
}

/** `sallyport pii encrypt [FILE]`: the same lines, with an envelope (or a Fernet token) for every find. */
export async function encrypt(
  file: string | undefined,
  flags: EngineFlags & KeyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (flags.fernetKey !== undefined) {
    const key = fernetKeyOf(flags.fernetKey, terminal);
    return replaceFinds(file, flags, terminal, (_type, value) => fernetEncrypt(key, value));
  }
  const ring = withKeys(() => openKeyFile(resolve(terminal.cwd, flags.keys)));
  return replaceFinds(file, flags, terminal, (type, value) => seal(ring, type, value, bindingOf(flags)));
}

/** `sallyport pii decrypt [FILE]`: the same lines, with the values that envelopes (or Fernet tokens) hold. */
export async function decrypt(
  file: string | undefined,
  flags: KeyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (flags.fernetKey !== undefined) {
    const key = fernetKeyOf(flags.fernetKey, terminal);
    return rewriteLines(file, terminal, (text) => replaceFernet(text, (token) => fernetDecrypt(key, token)));
  }
  const ring = keysOf(flags, terminal);
  return openEnvelopes(file, terminal, (envelope) => unseal(ring, envelope, bindingOf(flags)));
}

/** `sallyport pii rewrap [FILE]`: the same lines, with envelopes of the active key for those of older ones. */
export async function rewrap(
  file: string | undefined,
  flags: KeyFlags & { readonly rotate?: boolean; readonly entity: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const path = resolve(terminal.cwd, flags.keys);
  let ring = keysOf(flags, terminal);
  if (flags.rotate) {
    ring = ring.rotated();
    replaceKeyFile(path, ring);
    terminal.stderr.write(`The key ${ring.active.id} encrypts from now on. The others still decrypt.\n`);
    if (file === undefined) return EXIT.OK;
  }
  const binding = bindingOf(flags);
  if (flags.fernetKey !== undefined) {
    const key = fernetKeyOf(flags.fernetKey, terminal);
    if (!ENTITY_TYPES.some((type) => type === flags.entity))
      throw new Failure(EXIT.USAGE, `there is no type ${JSON.stringify(flags.entity)}`);
    return rewriteLines(file, terminal, (text) =>
      replaceFernet(text, (token) => {
        const value = fernetDecrypt(key, token);
        return value === undefined ? undefined : seal(ring, flags.entity, value, binding);
      }),
    );
  }
  return openEnvelopes(file, terminal, (envelope, entity) => {
    const value = unseal(ring, envelope, binding);
    return value === undefined ? undefined : seal(ring, entity, value, binding);
  });
}

async function replaceFinds(
  file: string | undefined,
  flags: EngineFlags,
  terminal: Terminal,
  replacement: (type: string, value: string) => string,
): Promise<ExitCode> {
  const engine = await engineOf(flags, terminal);
  const treat = ({ type }: Entity, value: string): string => replacement(type, value);
  return rewriteLines(file, terminal, (text, key) => replaceEntities(text, engine.scan(text, key), treat));
}

/** Says how many envelopes did not open, and then that the answer is no. */
async function openEnvelopes(
  file: string | undefined,
  terminal: Terminal,
  open: (envelope: string, entity: string) => string | undefined,
): Promise<ExitCode> {
  let closed = 0;
  await rewriteLines(file, terminal, (text) =>
    replaceEnvelopes(text, (envelope, entity) => {
      const opened = open(envelope, entity);
      if (opened === undefined) closed += 1;
      return opened;
    }),
  );
  if (closed === 0) return EXIT.OK;
  throw new Failure(EXIT.FAILED, `${closed} of the envelopes did not open`, [
    'the key, --tenant and --policy have to be those they were made with',
  ]);
}

/** Every line with its texts put through `visit`; JSON stays JSON. */
async function rewriteLines(file: string | undefined, terminal: Terminal, visit: Visit): Promise<ExitCode> {
  for await (const { text, json } of linesOf(file, terminal)) {
    const changed: JsonValue = json ? rewriteTexts(json, visit) : visit(text, '');
    // What nothing was changed in stays as it was written.
    const line = changed === json ? text : typeof changed === 'string' ? changed : JSON.stringify(changed);
    terminal.stdout.write(`${line}\n`);
  }
  return EXIT.OK;
}

function bindingOf({ tenant, policy }: KeyFlags): Binding {
  return { tenant, policy };
}

function keysOf({ keys }: KeyFlags, { cwd }: Terminal): KeyRing {
  return withKeys(() => readKeyFile(resolve(cwd, keys)));
}

function withKeys<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new Failure(EXIT.FAILED, error.message, [], { cause: error });
  }
}

function fernetKeyOf(file: string, { cwd }: Terminal): Buffer {
  try {
    return fernetKey(readFileSync(resolve(cwd, file), 'utf8'));
  } catch (error) {
    const problem = errorCode(error) ?? errorMessage(error);
    throw new Failure(EXIT.FAILED, `cannot use the Fernet key in ${file} (${problem})`, [], { cause: error });
  }
}
