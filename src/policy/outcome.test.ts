import { describe, expect, it } from 'vitest';
import { failure, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { outcomeOf } from './outcome.ts';

describe('how a call went', () => {
  it('is ok for a result, also of a tool that says it failed', () => {
    expect(outcomeOf(result({ content: [] }), new Trail())).toBe('ok');
    expect(outcomeOf(result({ content: [], isError: true }), new Trail())).toBe('ok');
  });

  it.each(['reject', 'guard_failed'])('is denied where the guard answered for the tool: %s', (action) => {
    const trail = new Trail();
    trail.did(action);
    expect(outcomeOf(result({ content: [], isError: true }), trail)).toBe('denied');
    // Only a message on the way was held back.
    expect(outcomeOf(result({ content: [] }), trail)).toBe('ok');
  });

  it('is denied for what the gateway refuses, and an error for what breaks', () => {
    expect(outcomeOf(failure('forbidden'))).toBe('denied');
    expect(outcomeOf(failure('server_exited'))).toBe('error');
    expect(outcomeOf(failure('cancelled'))).toBe('cancelled');
  });
});
