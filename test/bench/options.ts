import { parseArgs } from 'node:util';

export interface PeerOption {
  name: string;
  path: string;
  command: string;
}

export interface Options {
  rounds: number;
  warmUpSeconds: number;
  windowSeconds: number;
  settleSeconds: number;
  idleSessions: number;
  /** Names of candidates; empty means all. */
  only: readonly string[];
  /** Beginnings of scenario names; empty means all. */
  scenarios: readonly string[];
  peers: readonly PeerOption[];
  cores: { server: number; load: number };
  json: string | undefined;
  /** Where the page is written; `undefined` for a run that is too short or partial to be published. */
  page: string | undefined;
  profile: boolean;
}

export const HELP = `npm run bench -- [options]

  --rounds N           rounds (5)
  --quick              one round of 1 s warm-up and 2 s windows: a look, not a measurement
  --only A,B           these candidates: sallyport, bare, supergateway, mcp-proxy, or a --peer
  --scenario X,Y       scenarios whose names begin so: echo, echo-100b, modern …; growth, what a call costs with
                       more servers and sessions, guard, what guard and audit log cost (guard-100-c16 …), and
                       auth, what it costs to know who is calling, only run when they are named
  --peer NAME=CMD      another bridge; {port}, {child} (command line) and {config} (an mcp.json) are filled in.
                       NAME@/path=CMD if its endpoint is not /mcp. May be repeated
  --cores A,B          core of the server, core of load and child (0,1)
  --json FILE          every window as JSON
  --write              write docs/benchmarks.md although the run is quick or partial
  --profile            run under --cpu-prof (sallyport, unless --only says otherwise), print the functions
                       with most self time
  --help
`;

const PAGE = 'docs/benchmarks.md';

/** Reads the command line; `undefined` asks for the help text. Throws on what it does not know. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      scenario: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [] },
      cores: { type: 'string', default: '0,1' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [server = Number.NaN, load = Number.NaN] = values.cores.split(',').map(Number);
  if (!Number.isInteger(server) || !Number.isInteger(load)) throw new Error('--cores takes two numbers: 0,1');
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a number from 1 up');
  const whole = !values.quick && !values.profile && !values.only && !values.scenario;
  return {
    rounds,
    warmUpSeconds: values.quick ? 1 : 3,
    windowSeconds: values.quick ? 2 : 10,
    settleSeconds: values.quick ? 1 : 2,
    idleSessions: 1000,
    only: list(values.only),
    scenarios: list(values.scenario),
    peers: values.peer.map(parsePeer),
    cores: { server, load },
    json: values.json,
    page: whole || values.write ? PAGE : undefined,
    profile: values.profile,
  };
}

function list(value: string | undefined): string[] {
  return (value ?? '').split(',').filter((item) => item !== '');
}

function parsePeer(value: string): PeerOption {
  const match = /^(?<name>[\w.-]+)(?:@(?<path>\/[^=]*))?=(?<command>.+)$/.exec(value);
  const { name, path, command } = match?.groups ?? {};
  if (!name || !command) throw new Error(`--peer takes NAME=COMMAND or NAME@/path=COMMAND, not ${value}`);
  return { name, path: path ?? '/mcp', command };
}
