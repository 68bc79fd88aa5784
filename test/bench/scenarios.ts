import { LEGACY_VERSION, MODERN_VERSION, type Call } from './load/request.ts';

export interface LoadScenario {
  name: string;
  title: string;
  call: Call;
  connections: number;
}

/** The scenario that is not a load: start, idle memory, memory of idle sessions. */
export const FOOTPRINT = 'footprint';
/** What a call costs with more servers and more sessions; only when asked for. */
export const GROWTH = 'growth';
/** What guard and audit log cost; only when asked for. */
export const GUARD = 'guard';
/** What it costs to know who is calling; only when asked for. */
export const AUTH = 'auth';

function echo(era: Call['era'], size: string, bytes: number, connections: number): LoadScenario {
  const prefix = era === 'modern' ? 'modern' : 'echo';
  return {
    name: `${prefix}-${size}-c${connections}`,
    title: `${era === 'modern' ? MODERN_VERSION : LEGACY_VERSION}, ${bytes} bytes, ${connections} ${connections === 1 ? 'connection' : 'connections'}`,
    call: { era, tool: 'echo', bytes },
    connections,
  };
}

function blob(size: string, bytes: number, connections: number): LoadScenario {
  return {
    name: `blob-${size}`,
    title: `${LEGACY_VERSION}, results of ${bytes / 1e6} MB, ${connections} connections`,
    call: { era: 'legacy', tool: 'blob', bytes },
    connections,
  };
}

/** In the order in which they run. Decimal sizes: 1 kB is 1,000 bytes of text. */
export const LOAD_SCENARIOS: readonly LoadScenario[] = [
  echo('legacy', '100b', 100, 1),
  echo('legacy', '100b', 100, 16),
  echo('legacy', '100b', 100, 64),
  echo('legacy', '1kb', 1_000, 16),
  echo('legacy', '10kb', 10_000, 16),
  echo('modern', '100b', 100, 16),
  echo('modern', '100b', 100, 64),
  blob('1mb', 1_000_000, 4),
  blob('10mb', 10_000_000, 2),
];

/** @param beginnings of names; none for all. Throws when nothing is left. */
export function selectScenarios(beginnings: readonly string[]): {
  loads: LoadScenario[];
  footprint: boolean;
  growth: boolean;
  guard: boolean;
  auth: boolean;
} {
  const wanted = (name: string): boolean =>
    beginnings.length === 0 || beginnings.some((beginning) => name.startsWith(beginning));
  const loads = LOAD_SCENARIOS.filter(({ name }) => wanted(name));
  const footprint = wanted(FOOTPRINT);
  // Not by default: these are about Sallyport alone, and take a while.
  const growth = beginnings.includes(GROWTH);
  const guard = beginnings.includes(GUARD);
  const auth = beginnings.includes(AUTH);
  if (loads.length === 0 && !footprint && !growth && !guard && !auth) {
    const names = [...LOAD_SCENARIOS.map(({ name }) => name), FOOTPRINT, GROWTH, GUARD, AUTH].join(', ');
    throw new Error(`No scenario begins with ${beginnings.join(' or ')}. There are: ${names}`);
  }
  return { loads, footprint, growth, guard, auth };
}
