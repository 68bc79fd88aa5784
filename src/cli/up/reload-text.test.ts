import { describe, expect, it } from 'vitest';
import { createStyle } from '../style.ts';
import { reloadText } from './reload-text.ts';

const nothing = { added: [], removed: [], changed: [], kept: [], needsRestart: [] };

describe('reloadText', () => {
  it('is a diff of the servers', () => {
    const report = {
      added: ['new'],
      removed: ['old'],
      changed: ['files'],
      kept: ['net', 'time'],
      needsRestart: ['listen'],
    };
    expect(reloadText(report, createStyle(false)).split('\n')).toEqual([
      'Config reloaded',
      '+ new',
      '~ files  restarted',
      '- old',
      '= net, time  kept',
      '! listen: taken over at the next start',
    ]);
  });

  it('is short where nothing has changed', () => {
    expect(reloadText({ ...nothing, kept: ['net'] }, createStyle(false))).toBe(
      'Config reloaded, nothing has changed',
    );
  });

  it('tells what waits for a restart even where no server has changed', () => {
    expect(reloadText({ ...nothing, needsRestart: ['listen'] }, createStyle(false))).toContain('! listen');
  });
});
