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

/** Without and with guard and audit log. */
export const GUARD_LOADS: readonly LoadScenario[] = [100, 1000].flatMap((bytes) =>
  [16, 64].map((connections) => alone(GUARD, `-${bytes}`, bytes, connections)),
);

/** With and without a proof of who is calling. */
export const AUTH_LOADS: readonly LoadScenario[] = [16, 64].map((connections) =>
  alone(AUTH, '', 100, connections),
);

/** A load under which Sallyport is compared with itself. */
function alone(kind: string, size: string, bytes: number, connections: number): LoadScenario {
  return {
    name: `${kind}${size}-c${connections}`,
    title: `${bytes} bytes, ${connections} connections`,
    call: { era: 'legacy', tool: 'echo', bytes },
    connections,
  };
}

/** @param beginnings of names; none for all. Throws when nothing is left. */
export function selectScenarios(beginnings: readonly string[]): {
  loads: LoadScenario[];
  footprint: boolean;
  growth: boolean;
  guard: LoadScenario[];
  auth: LoadScenario[];
} {
  const isNamed = (name: string): boolean => beginnings.some((beginning) => name.startsWith(beginning));
  const isWanted = (name: string): boolean => beginnings.length === 0 || isNamed(name);
  const loads = LOAD_SCENARIOS.filter(({ name }) => isWanted(name));
  const footprint = isWanted(FOOTPRINT);
  // Not by default: these are about Sallyport alone, and take a while.
  const growth = isNamed(GROWTH);
  const guard = GUARD_LOADS.filter(({ name }) => isNamed(name));
  const auth = AUTH_LOADS.filter(({ name }) => isNamed(name));
  if (!footprint && !growth && [...loads, ...guard, ...auth].length === 0) {
    const known = [...LOAD_SCENARIOS, ...GUARD_LOADS, ...AUTH_LOADS].map(({ name }) => name);
    const names = [...known, FOOTPRINT, GROWTH].join(', ');
    throw new Error(`No scenario begins with ${beginnings.join(' or ')}. There are: ${names}`);
  }
  return { loads, footprint, growth, guard, auth };
}
