import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FOLDER } from './folders.ts';

/** Pinned, so that figures compare over time. */
export const NPM_PEERS: Readonly<Record<'supergateway' | 'mcp-proxy', string>> = {
  supergateway: '4.0.0',
  'mcp-proxy': '6.7.19',
};

const PEERS_FOLDER = join(FOLDER, 'peers');

/** A file of an installed peer. */
export function peerFile(name: keyof typeof NPM_PEERS, path: string): string {
  return join(PEERS_FOLDER, 'node_modules', name, path);
}

/** Installs the peers into `.bench/peers`, unless the pinned versions are there. */
export function installNpmPeers(): void {
  const names = Object.keys(NPM_PEERS) as (keyof typeof NPM_PEERS)[];
  if (names.every((name) => installedVersion(name) === NPM_PEERS[name])) return;
  mkdirSync(PEERS_FOLDER, { recursive: true });
  const manifest = { name: 'bench-peers', private: true, dependencies: NPM_PEERS };
  writeFileSync(join(PEERS_FOLDER, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  console.error(`Installing ${names.map((name) => `${name}@${NPM_PEERS[name]}`).join(' and ')} …`);
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: PEERS_FOLDER, encoding: 'utf8' },
  );
  if (error || status !== 0) {
    throw new Error(
      `npm could not install the peers into ${PEERS_FOLDER}; --only sallyport,bare runs without them.\n` +
        (error?.message ?? stderr),
    );
  }
}

function installedVersion(name: keyof typeof NPM_PEERS): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(peerFile(name, 'package.json'), 'utf8'));
    return (manifest as { version?: string }).version;
  } catch {
    return undefined;
  }
}
