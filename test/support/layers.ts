import { dirname, join } from 'node:path/posix';

/** One rule that the sources break, and where. */
export interface Offence {
  file: string;
  problem: string;
}

const LIBRARIES = ['wire', 'pii', 'audit', 'store', 'telemetry', 'egress'];
const STAGES = ['listener', 'auth', 'inbound', 'policy', 'router', 'upstream'];
const BELOW_STAGES = ['core', 'config', ...LIBRARIES];
const SIDE_ROOMS = ['servers', 'deploy', 'clients', 'toolkit'];
const BELOW_GATEWAY = [...BELOW_STAGES, ...STAGES, 'servers'];
const BELOW_FRONT = [...BELOW_GATEWAY, ...SIDE_ROOMS, 'gateway'];

/** Each room of `src/` and the rooms it may see besides itself. The order of docs/architecture.md, from the ground up. */
const MAY_SEE: ReadonlyMap<string, readonly string[]> = new Map([
  ['core', []],
  ['config', ['core']],
  ...LIBRARIES.map((room): [string, string[]] => [room, ['core', 'config']]),
  // Stages do not know each other: what they say to one another are the types of core.
  ...STAGES.map((room): [string, string[]] => [room, BELOW_STAGES]),
  ...SIDE_ROOMS.map((room): [string, string[]] => [room, BELOW_STAGES]),
  ['gateway', BELOW_GATEWAY],
  ['admin', BELOW_FRONT],
  ['doctor', BELOW_FRONT],
  ['cli', [...BELOW_FRONT, 'admin', 'doctor']],
]);

/** No file may be longer, tests and all. */
export const MAX_LINES = 600;

/**
 * Every file that breaks the order of the house: an import that goes up or sideways (type-only imports count too),
 * a way out of `src/`, a cycle, a room nobody planned, a file over the limit.
 * @param sources path (`src/core/call.ts`) to text, without the test files: a test may use what it likes.
 */
export function offencesOf(sources: ReadonlyMap<string, string>): Offence[] {
  const imports = new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
  return [...sources.keys()]
    .flatMap((file) => layerOffences(file, imports.get(file) ?? []))
    .concat(cycleOffences(imports), lengthOffences(sources));
}

/** Files over the limit; for whatever files. */
export function lengthOffences(sources: ReadonlyMap<string, string>): Offence[] {
  return [...sources]
    .map(([file, text]) => ({ file, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, lines }) => ({ file, problem: `has ${lines} lines, more than ${MAX_LINES}` }));
}

/** The files that a file imports by a relative path, types included. Relies on the formatter's one shape of imports. */
function importsOf(file: string, text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*'(\.[^']+)'/gm);
  const expressions = text.matchAll(/\bimport\(\s*'(\.[^']+)'\s*\)/g);
  return [...statements, ...expressions].map(([, specifier]) => join(dirname(file), specifier ?? ''));
}

/** `src/upstream/transport/stdio.ts` is in the room `upstream`, `src/gateway.ts` is the room `gateway`. */
function roomOf(file: string): string | undefined {
  return /^src\/([^/]+?)(?:\.ts$|\/)/.exec(file)?.[1];
}

function layerOffences(file: string, imports: readonly string[]): Offence[] {
  const room = roomOf(file);
  const allowed = room === undefined ? undefined : MAY_SEE.get(room);
  if (!allowed) return [{ file, problem: `is in no room of the house (${room ?? 'outside of src'})` }];
  return imports.flatMap((target) => {
    const other = roomOf(target);
    if (other === undefined) return [{ file, problem: `imports ${target}, outside of src` }];
    if (other === room || allowed.includes(other)) return [];
    return [{ file, problem: `imports ${target}, but ${room} may not see ${other}` }];
  });
}

/** Each cycle once, named by its files in the order of the imports. */
function cycleOffences(imports: ReadonlyMap<string, readonly string[]>): Offence[] {
  const found: Offence[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const problem = `is in a cycle of imports: ${[...path.slice(start), file].join(' → ')}`;
      found.push({ file, problem });
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of imports.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return found;
}
