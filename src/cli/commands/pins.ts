import { join } from 'node:path';
import { findConfig } from '../../config/find.ts';
import { loadConfig } from '../../config/load.ts';
import type { JsonValue } from '../../core/json.ts';
import { type Kind, KINDS, type Pin } from '../../router/pins/item.ts';
import { LockFile, type ServerPins } from '../../router/pins/lock-file.ts';
import { suspicionsOf } from '../../router/pins/suspicious.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorMessage, Failure } from '../failure.ts';
import { homePath } from '../home.ts';
import { suggest } from '../../config/suggest.ts';
import { createStyle } from '../style.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { printable } from '../text.ts';

interface Place {
  readonly config?: string;
  readonly file?: string;
}

/** Something that waits to be agreed to. */
interface Waiting {
  readonly server: string;
  readonly kind: Kind;
  readonly name: string;
  readonly before: Pin | undefined;
  /** Null: the server no longer has it. */
  readonly now: Pin | null;
}

/** `sallyport pins list`: what is pinned and what waits, by server. */
export async function listPins(
  options: Place & { readonly json?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const file = await openLock(options, terminal);
  const servers = [...file.servers].map(([server, pins]) => ({
    server,
    pinned: count(pins.pinned),
    waiting: waitingOf(server, pins).map(({ kind, name, now }) => ({ kind, name, gone: now === null })),
  }));
  if (options.json) terminal.stdout.write(`${JSON.stringify({ file: file.path, servers })}\n`);
  else
    for (const { server, pinned, waiting } of servers) {
      const wait =
        waiting.length === 0
          ? ''
          : `, ${waiting.length} waiting: ${waiting.map(({ name }) => name).join(', ')}`;
      terminal.stdout.write(`${printable(`${server}: ${pinned} pinned${wait}`)}\n`);
    }
  return EXIT.OK;
}

/** `sallyport pins diff [SERVER]`: line by line, what servers say now and what was agreed to. 1 when something waits. */
export async function diffPins(
  server: string | undefined,
  options: Place & { readonly json?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const file = await openLock(options, terminal);
  const waiting = select(file, server).flatMap(([name, pins]) => waitingOf(name, pins));
  if (options.json)
    terminal.stdout.write(
      `${JSON.stringify({
        waiting: waiting.map(({ before, now, ...what }) => ({
          ...what,
          before: before?.text ?? null,
          now: now?.text ?? null,
          suspicions: now ? suspicionsOf(now.text) : [],
        })),
      })}\n`,
    );
  else for (const each of waiting) showDiff(each, terminal);
  if (waiting.length === 0 && !options.json) terminal.stderr.write('Nothing waits to be agreed to.\n');
  return waiting.length === 0 ? EXIT.OK : EXIT.FAILED;
}

/** `sallyport pins accept SERVER [NAME…]`: agrees to what a server says now. A running gateway takes it over at once. */
export async function acceptPins(
  server: string,
  names: readonly string[],
  options: Place,
  terminal: Terminal,
): Promise<ExitCode> {
  const file = await openLock(options, terminal);
  const [[, pins] = []] = select(file, server);
  const waiting = pins ? waitingOf(server, pins) : [];
  const missing = names.find((name) => waiting.every((each) => each.name !== name));
  if (missing !== undefined)
    throw new Failure(EXIT.USAGE, `nothing called ${JSON.stringify(missing)} waits`, [
      `waiting: ${waiting.map(({ name }) => name).join(', ') || 'nothing'}`,
    ]);
  const agreed = names.length === 0 ? waiting : waiting.filter(({ name }) => names.includes(name));
  for (const { kind, name, now } of agreed) {
    const pinned = pins?.pinned.get(kind) ?? new Map<string, Pin>();
    if (now) pinned.set(name, now);
    else pinned.delete(name);
    pins?.pinned.set(kind, pinned);
    const left = pins?.quarantine.get(kind);
    left?.delete(name);
    if (left?.size === 0) pins?.quarantine.delete(kind);
  }
  if (agreed.length > 0) file.write();
  terminal.stderr.write(`${agreed.length} agreed to in ${file.path}.\n`);
  return EXIT.OK;
}

async function openLock({ config, file }: Place, terminal: Terminal): Promise<LockFile> {
  const found = config ?? (await findConfig(terminal.cwd));
  const loaded =
    file !== undefined || found === undefined
      ? undefined
      : await loadConfig(found, {
          env: terminal.env,
          cwd: terminal.cwd,
          secretSource: secretSource(terminal.env),
        });
  const path = file ?? loaded?.config.pins.file ?? join(homePath(terminal.env), 'sallyport.lock');
  const lock = new LockFile(path);
  try {
    lock.refresh();
  } catch (error) {
    throw new Failure(EXIT.FAILED, errorMessage(error), [], { cause: error });
  }
  return lock;
}

function select(file: LockFile, server: string | undefined): (readonly [string, ServerPins])[] {
  if (server === undefined) return [...file.servers];
  const pins = file.get(server);
  if (pins) return [[server, pins]];
  const near = suggest(server, file.servers.keys());
  throw new Failure(EXIT.USAGE, `nothing is known of a server ${JSON.stringify(server)}`, [
    near === undefined
      ? `known are: ${[...file.servers.keys()].join(', ') || 'none'}`
      : `did you mean ${near}?`,
  ]);
}

function waitingOf(server: string, { pinned, quarantine }: ServerPins): Waiting[] {
  return KINDS.flatMap((kind) =>
    [...(quarantine.get(kind) ?? [])].map(([name, now]) => ({
      server,
      kind,
      name,
      before: pinned.get(kind)?.get(name),
      now,
    })),
  );
}

function count(pinned: ServerPins['pinned']): number {
  return [...pinned.values()].reduce((sum, items) => sum + items.size, 0);
}

function showDiff({ server, kind, name, before, now }: Waiting, { stdout, data }: Terminal): void {
  const style = createStyle(data.color);
  const what = now === null ? 'vanished' : before ? 'changed' : 'new';
  stdout.write(`${style.strong(printable(`${server} ${kind} ${name}`))}: ${what}\n`);
  const [old, fresh] = [linesOf(before?.text), linesOf(now?.text)];
  for (const line of old) if (!fresh.includes(line)) stdout.write(`${style.bad(`- ${printable(line)}`)}\n`);
  for (const line of fresh) if (!old.includes(line)) stdout.write(`${style.good(`+ ${printable(line)}`)}\n`);
  for (const suspicion of now ? suspicionsOf(now.text) : [])
    stdout.write(`${style.warn(`! It has ${suspicion}.`)}\n`);
}

/** Every member on a line of its own; what cannot be seen is written out. */
function linesOf(text: JsonValue | undefined): string[] {
  if (text === undefined) return [];
  return JSON.stringify(text, null, 2)
    .split('\n')
    .map((line) =>
      line.replaceAll(
        /\p{Default_Ignorable_Code_Point}/gu,
        (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`,
      ),
    );
}
