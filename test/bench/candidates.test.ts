import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { allCandidates, selectCandidates, type Place } from './candidates.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
const place: Place = { port: 4321, node: ['node'], child: ['taskset', '-c', '1', '/echo child'], folder };

afterAll(() => rmSync(folder, { recursive: true }));

describe('the candidates', () => {
  it('all listen on the port they are given', () => {
    for (const candidate of allCandidates([])) {
      const { command, env } = candidate.launch(place);
      expect(`${command.join(' ')} ${env?.['PORT'] ?? ''}`, candidate.name).toContain('4321');
    }
  });

  it('start the same child', () => {
    for (const candidate of allCandidates([])) {
      const command = candidate.launch(place).command.join(' ');
      const config = /--config=(\S+)/.exec(command)?.[1];
      expect(config ? readFileSync(config, 'utf8') : command, candidate.name).toContain('/echo child');
    }
  });

  it('keep to themselves what Sallyport writes', () => {
    const sallyport = allCandidates([]).find(({ name }) => name === 'sallyport');
    expect(sallyport?.launch(place).env).toEqual({ SALLYPORT_HOME: join(folder, 'sallyport-home') });
  });
});

describe('--peer', () => {
  it('fills in port, child and config', () => {
    const peers = allCandidates([
      { name: 'x', path: '/x', command: 'run  --on=:{port} -c {config} -- {child}' },
    ]);
    const peer = peers.at(-1);
    expect(peer).toMatchObject({ name: 'x', path: '/x', npmPeer: false, onNode: false });
    const config = join(folder, 'mcp.json');
    expect(peer?.launch(place).command).toEqual(['run', '--on=:4321', '-c', config, '--', ...place.child]);
    expect(JSON.parse(readFileSync(config, 'utf8'))).toMatchObject({
      mcpServers: { echo: { command: 'taskset', args: ['-c', '1', '/echo child'] } },
    });
  });
});

describe('selectCandidates', () => {
  const all = allCandidates([]);

  it('takes all, or those that are named, in their own order', () => {
    expect(selectCandidates(all, [])).toEqual(all);
    expect(selectCandidates(all, ['sallyport', 'bare']).map(({ name }) => name)).toEqual([
      'bare',
      'sallyport',
    ]);
  });

  it('says which there are', () => {
    expect(() => selectCandidates(all, ['salyport'])).toThrow('There are: bare, sallyport,');
  });
});
