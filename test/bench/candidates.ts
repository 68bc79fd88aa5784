import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { HERE, REPOSITORY } from './folders.ts';
import type { Era } from './load/request.ts';
import { NPM_PEERS, peerFile } from './npm-peers.ts';
import type { PeerOption } from './options.ts';

/** What a start is given. */
export interface Place {
  port: number;
  /** Node and its flags; candidates that run on Node begin with it. */
  node: readonly string[];
  /** Command line of the echo child, already pinned to its core. */
  child: readonly string[];
  /** A folder of the run, for config files and state. */
  folder: string;
}

export interface Launch {
  command: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** What a reader should know before comparing: see `docs/benchmarks.md`. */
export interface Traits {
  authentication: string;
  hostAndOrigin: string;
  isolation: string;
  limits: string;
  serverRequests: string;
}

export interface Candidate {
  name: string;
  version: string;
  /** Comes from npm: sets the mark that Sallyport has to beat. */
  npmPeer: boolean;
  eras: readonly Era[];
  /** Runs on Node, so its garbage can be collected and its CPU profiled. */
  onNode: boolean;
  /** Starts processes for each session: fewer idle sessions are opened. */
  processPerSession: boolean;
  path: string;
  /** Prints its endpoint and token as one JSON line when it is ready. */
  announces: boolean;
  /** Sent instead of the token that it announces. */
  token?: string;
  traits: Traits;
  launch(place: Place): Launch;
}

const BARE: Candidate = {
  name: 'bare',
  version: process.version,
  npmPeer: false,
  eras: ['legacy', 'modern'],
  onNode: true,
  processPerSession: false,
  path: '/mcp',
  announces: false,
  traits: {
    authentication: 'none',
    hostAndOrigin: 'none',
    isolation: 'none, one child for all',
    limits: 'none, not even a timeout',
    serverRequests: 'lost, as are notifications',
  },
  launch: ({ port, node, child }) => ({
    command: [...node, join(HERE, 'bare-bridge.mjs'), ...child],
    env: { PORT: String(port) },
  }),
};

/** Above the default of 100 sessions for one user, so that the memory of many can be measured. */
const ROOM_FOR_SESSIONS = { limits: { sessions: 10_000, sessionsPerUser: 10_000 } };

const SALLYPORT: Candidate = {
  name: 'sallyport',
  version: packageVersion(),
  npmPeer: false,
  eras: ['legacy', 'modern'],
  onNode: true,
  processPerSession: false,
  path: '/mcp',
  announces: true,
  traits: {
    authentication: 'bearer token, on',
    hostAndOrigin: 'checked',
    isolation: 'one child for each principal; ids and progress tokens rewritten',
    limits: 'body, line, header, session and time limits',
    serverRequests: 'go to the client whose call caused them',
  },
  launch: (place) => launchSallyport(place, ['echo']),
};

/** As `sallyport up` starts it. */
export const sallyport: Candidate = SALLYPORT;

/** The same with a guard that masks whatever it finds in arguments and results, and with the audit log. */
export const sallyportGuarded: Candidate = {
  ...SALLYPORT,
  name: 'sallyport, guarded',
  launch: (place) =>
    launchSallyport(place, ['echo'], { guard: { policies: [{ action: 'mask' }] }, audit: {} }),
};

/** The same for everybody. */
export const sallyportOpen: Candidate = {
  ...SALLYPORT,
  name: 'sallyport, open',
  announces: false,
  launch: (place) => {
    const { command, ...rest } = launchSallyport(place, ['echo']);
    return { command: [...command, '--no-auth'], ...rest };
  },
};

/** The same, called with a token of another issuer. */
export function sallyportFor(issuer: { issuer: string; audience: string }, token: string): Candidate {
  return {
    ...SALLYPORT,
    name: 'sallyport, JWT',
    token,
    launch: (place) => launchSallyport(place, ['echo'], { auth: { issuers: [issuer] } }),
  };
}

/** Sallyport with so many servers, all of which run; it is called at the endpoint of the first. */
export function sallyportWith(servers: number): Candidate {
  const names = Array.from({ length: servers }, (_unused, i) => `echo${i + 1}`);
  return {
    ...SALLYPORT,
    path: '/servers/echo1/mcp',
    launch: (place) => launchSallyport(place, names),
  };
}

function launchSallyport(
  { port, node, child, folder }: Place,
  servers: readonly string[],
  more: object = {},
): Launch {
  return {
    command: [
      ...node,
      join(REPOSITORY, 'bin', 'sallyport.js'),
      'up',
      '--json',
      `--listen=127.0.0.1:${port}`,
      `--config=${mcpJson(folder, child, { ...ROOM_FOR_SESSIONS, ...more }, servers)}`,
    ],
    env: { SALLYPORT_HOME: join(folder, 'sallyport-home') },
  };
}

const SUPERGATEWAY: Candidate = {
  name: 'supergateway',
  version: NPM_PEERS.supergateway,
  npmPeer: true,
  // It would pass 2026-07-28 on to a child that speaks it; the echo child does not.
  eras: ['legacy'],
  onNode: true,
  processPerSession: true,
  path: '/mcp',
  announces: false,
  traits: {
    authentication: 'none',
    hostAndOrigin: 'none',
    isolation: 'a child and a shell for each session',
    limits: 'body of 100 kB, idle sessions',
    serverRequests: 'passed on, may reach the wrong stream',
  },
  launch: ({ port, node, child }) => ({
    command: [
      ...node,
      peerFile('supergateway', 'dist/index.js'),
      `--stdio=${child.join(' ')}`,
      '--outputTransport=streamableHttp',
      '--stateful',
      // Its default log prints every message in full, which would be measured too.
      '--logLevel=none',
      `--port=${port}`,
    ],
  }),
};

const MCP_PROXY: Candidate = {
  name: 'mcp-proxy',
  version: NPM_PEERS['mcp-proxy'],
  npmPeer: true,
  eras: ['legacy', 'modern'],
  onNode: true,
  processPerSession: false,
  path: '/mcp',
  announces: false,
  traits: {
    authentication: 'API key, off here',
    hostAndOrigin: 'none, CORS for every origin',
    isolation: 'one child for all',
    limits: 'body, request time, idle sessions',
    serverRequests: 'not passed on; notifications go to everybody',
  },
  launch: ({ port, node, child }) => ({
    command: [
      ...node,
      peerFile('mcp-proxy', 'dist/bin/mcp-proxy.mjs'),
      '--server=stream',
      '--host=127.0.0.1',
      `--port=${port}`,
      '--',
      ...child,
    ],
  }),
};

/** The built-in candidates, and those of `--peer`, in the order in which they take turns. */
export function allCandidates(peers: readonly PeerOption[]): Candidate[] {
  return [BARE, SALLYPORT, SUPERGATEWAY, MCP_PROXY, ...peers.map(nativePeer)];
}

/** @param names none for all. Throws on a name that is not there. */
export function selectCandidates(all: readonly Candidate[], names: readonly string[]): Candidate[] {
  for (const name of names) {
    if (!all.some((candidate) => candidate.name === name)) {
      throw new Error(`No candidate ${name}. There are: ${all.map((one) => one.name).join(', ')}`);
    }
  }
  return all.filter(({ name }) => names.length === 0 || names.includes(name));
}

function nativePeer({ name, path, command }: PeerOption): Candidate {
  const unknown = 'see its documentation';
  return {
    name,
    version: '(--peer)',
    npmPeer: false,
    eras: ['legacy'],
    onNode: false,
    processPerSession: false,
    path,
    announces: false,
    traits: {
      authentication: unknown,
      hostAndOrigin: unknown,
      isolation: unknown,
      limits: unknown,
      serverRequests: unknown,
    },
    launch: ({ port, child, folder }) => ({
      command: command
        .split(' ')
        .filter((word) => word !== '')
        .flatMap((word) => (word === '{child}' ? child : [word]))
        .map((word) => word.replaceAll('{port}', String(port)))
        .map((word) => (word.includes('{config}') ? word.replace('{config}', mcpJson(folder, child)) : word)),
    }),
  };
}

/** The file that every MCP client knows, with the echo child as its one server. */
function mcpJson(
  folder: string,
  child: readonly string[],
  more: object = {},
  names: readonly string[] = ['echo'],
): string {
  const [command, ...args] = child;
  const file = join(folder, 'mcp.json');
  const mcpServers = Object.fromEntries(names.map((name) => [name, { command, args }]));
  writeFileSync(file, JSON.stringify({ mcpServers, ...more }));
  return file;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  return (manifest as { version: string }).version;
}
