import { describe, expect, it } from 'vitest';
import { sandboxed } from './bwrap.ts';

// What each of them does is tested with the real bubblewrap, in test/e2e/containers-sandbox.test.ts.

const command = { command: 'npx', args: ['-y', '--share-net'], env: { KEY: 'secret' }, cwd: '/srv' };
const closed = { kind: 'bwrap', network: false, write: [] } as const;
const line = (sandbox: Parameters<typeof sandboxed>[1]): string =>
  sandboxed(command, sandbox, () => true).args.join(' ');

describe('the arguments of bubblewrap', () => {
  it('are closed by default', () => {
    expect(line(closed)).toBe(
      '--die-with-parent --new-session --unshare-all --unshare-user --cap-drop ALL --ro-bind / / --dev /dev ' +
        '--proc /proc --tmpfs /tmp --tmpfs /run --setenv TMPDIR /tmp --chdir /srv -- npx -y --share-net',
    );
  });

  it('are opened one by one', () => {
    const open = line({ ...closed, network: true, write: ['/data'] });
    expect(open).toContain('--share-net --cap-drop');
    expect(open).toContain('--ro-bind /run/systemd/resolve /run/systemd/resolve');
    expect(open).toContain('--bind /data /data');
  });

  it('leave the environment to the process, where nobody else reads it', () => {
    expect(sandboxed(command, closed, () => true).env).toEqual({ KEY: 'secret' });
    expect(line(closed)).not.toContain('secret');
  });
});
