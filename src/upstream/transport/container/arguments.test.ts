import { describe, expect, it } from 'vitest';
import {
  containerKey,
  type ExecContainer,
  resolveContainer,
  type RunContainer,
} from '../../../config/container.ts';
import { execArguments, runArguments } from './arguments.ts';

// What each of them does is tested with real containers, in test/e2e/containers-defaults.test.ts.

const slip = { cidFile: '/private/cid', labels: { owner: 'me' }, envNames: ['KEY'], envFile: '/private/env' };
const run = (entry: object): string =>
  runArguments(resolveContainer(containerKey.parse(entry), '/home') as RunContainer, slip).join(' ');

describe('the arguments of an engine', () => {
  it('are closed by default', () => {
    expect(run({ image: 'mcp/time', env: { KEY: 'secret' } })).toBe(
      'run --rm --interactive --init --cap-drop=ALL --security-opt=no-new-privileges --read-only ' +
        '--tmpfs=/tmp:rw,noexec,nosuid,nodev,mode=1777,size=64m --log-driver=none --network=none --pids-limit=256 ' +
        '--memory=1073741824b --cpus=1 --user=65532:65532 --cidfile=/private/cid --label=owner=me ' +
        '--env=HOME=/tmp --env-file=/private/env --env=KEY mcp/time',
    );
  });

  it('are opened one by one', () => {
    const open = run({
      image: 'x',
      command: 'node',
      args: ['a b', '--privileged'],
      network: 'egress',
      memory: 'unlimited',
      cpus: 'unlimited',
      user: 'image',
      mounts: [
        { source: './data', target: '/data' },
        { source: 'volume', target: '/v', write: true },
      ],
    });
    expect(open).toContain('--network=bridge');
    expect(open).not.toMatch(/--memory|--cpus|--user/);
    expect(open).toContain('--mount=type=bind,source=/home/data,target=/data,readonly');
    expect(open).toContain('--mount=type=volume,source=volume,target=/v --');
    // What comes after the image is the program's own.
    expect(open).toMatch(/--entrypoint=node x a b --privileged$/);
  });

  it('start a program in a container that runs', () => {
    const entry = containerKey.parse({ exec: 'db', command: 'mcp', args: ['--x'], user: 'root' });
    const args = execArguments(resolveContainer(entry, '/') as ExecContainer, { envNames: ['KEY'] });
    expect(args.join(' ')).toBe('exec --interactive --user=root --env=KEY db mcp --x');
  });
});
