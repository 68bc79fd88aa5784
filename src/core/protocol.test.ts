import { describe, expect, it } from 'vitest';
import {
  isLogLevel,
  isLoud,
  LATEST_LEGACY_VERSION,
  LEGACY_VERSIONS,
  LOG_LEVELS,
  MODERN_VERSION,
} from './protocol.ts';

describe('log levels', () => {
  it('are loud from the one asked for upwards', () => {
    expect(LOG_LEVELS.filter((level) => isLoud(level, 'warning'))).toEqual([
      'warning',
      'error',
      'critical',
      'alert',
      'emergency',
    ]);
    expect(LOG_LEVELS.every((level) => isLoud(level, 'debug'))).toBe(true);
  });

  it('are these eight words and nothing else', () => {
    expect(LOG_LEVELS.every(isLogLevel)).toBe(true);
    for (const other of ['warn', 'INFO', '', 'toString', 0, null, undefined, ['info']])
      expect(isLogLevel(other)).toBe(false);
  });
});

describe('versions', () => {
  it('sort as text by age, as the era detection reads them', () => {
    const newestFirst = [MODERN_VERSION, ...LEGACY_VERSIONS];
    expect(newestFirst.toSorted().toReversed()).toEqual(newestFirst);
    expect(LEGACY_VERSIONS[0]).toBe(LATEST_LEGACY_VERSION);
  });
});
