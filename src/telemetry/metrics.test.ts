import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readExposition, valueOf } from '../../test/support/exposition.ts';
import { BoundedNames } from './bounded-names.ts';
import { METRICS, PROCESS_METRICS } from './metric-definitions.ts';
import { Metrics } from './metrics.ts';

describe('a scrape', () => {
  it('is in the format of Prometheus, with every metric that is defined', async () => {
    const metrics = new Metrics();
    const labels = { server: 'a', method: 'tools/call', tool: 'x' };
    const took = metrics.histogram('callDuration', labels);
    [0.001, 0.2, 1000].forEach((seconds) => took.add(seconds));
    metrics.counter('calls', { ...labels, outcome: 'ok' }).value += 3;
    metrics.count('refusals', { reason: 'rate_limited' });
    metrics.set('sessions', {}, 4);
    const families = readExposition(await metrics.text());
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const { name, type, help } of Object.values(METRICS))
      expect(families.get(name)).toMatchObject({ type, help });
    for (const name of PROCESS_METRICS) expect([...families.keys()]).toContain(name);
    expect(valueOf(families, 'sallyport_call_duration_seconds_count', labels)).toBe(3);
    expect(valueOf(families, 'sallyport_call_duration_seconds_bucket', { ...labels, le: '0.25' })).toBe(2);
    expect(valueOf(families, 'sallyport_calls_total', { outcome: 'ok' })).toBe(3);
    expect(valueOf(families, 'sallyport_sessions')).toBe(4);
  });

  it('writes labels so that nothing in them ends one', async () => {
    const metrics = new Metrics();
    metrics.count('alerts', { rule: 'a"} 1\nb\\' });
    const families = readExposition(await metrics.text());
    expect(families.get('sallyport_alerts_total')?.samples).toEqual([
      { name: 'sallyport_alerts_total', labels: { rule: String.raw`a\"} 1\nb\\` }, value: 1 },
    ]);
  });

  it('reads what is known elsewhere, and forgets what is there no longer', async () => {
    const metrics = new Metrics();
    let servers = ['a', 'b'];
    metrics.onScrape(() => {
      metrics.reset('serverUp');
      for (const server of servers) metrics.set('serverUp', { server }, 1);
    });
    expect(readExposition(await metrics.text()).get('sallyport_server_up')?.samples).toHaveLength(2);
    servers = ['b'];
    expect(readExposition(await metrics.text()).get('sallyport_server_up')?.samples).toHaveLength(1);
  });

  it('of one gateway has nothing of another one', async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.count('pii', { type: 'EMAIL_ADDRESS' });
    expect(valueOf(readExposition(await other.text()), 'sallyport_pii_entities_total')).toBe(0);
  });
});

describe('the definitions', () => {
  it('keep to the conventions', () => {
    for (const { name, type, help, labels } of Object.values(METRICS)) {
      expect(name).toMatch(/^sallyport_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(help).toMatch(/^[A-Z0-9].*\.$/);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });

  it.each(['user', 'email', 'client', 'ip', 'address', 'uri', 'session', 'id'])(
    'have no label %s',
    (label) => {
      expect(Object.values(METRICS).flatMap(({ labels }): string[] => [...labels])).not.toContain(label);
    },
  );
});

describe('docs/observability.md', () => {
  const page = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(sallyport_\w+)` +\| (\w+) +\| ([\w, ]*?) *\|/gm)].map(
    ([, name, type, labels = '']) => ({ name, type, labels: labels === '' ? [] : labels.split(', ') }),
  );

  it('has every metric, with its type and its labels, and no other', () => {
    const defined = Object.values(METRICS).map(({ name, type, labels }) => ({
      name,
      type,
      labels: [...labels],
    }));
    expect(rows).toHaveLength(defined.length);
    expect(rows).toEqual(expect.arrayContaining(defined));
  });
});

describe('names that may be labels', () => {
  it('are those that a server lists, up to so many', () => {
    const names = new BoundedNames(2);
    ['one', 'two', 'three'].forEach((name) => names.learn(name));
    expect(['one', 'two', 'three', 'four'].map((name) => names.labelOf(name))).toEqual([
      'one',
      'two',
      'other',
      'other',
    ]);
  });

  it.each(['a b', 'jane@example.com', '', 'x'.repeat(129), '김', 'a\nb', 7, null, undefined, {}])(
    '%j is no name of a tool',
    (name) => {
      const names = new BoundedNames(10);
      names.learn(name);
      expect(names.labelOf(name)).toBe('other');
    },
  );
});
