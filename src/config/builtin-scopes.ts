import { TEST_SCOPE } from '../core/own-authorization.ts';
import type { BuiltinName } from './schema.ts';

/** Who has this scope may read what is recorded of everybody. */
export const AUDIT_READ = 'audit.read';

/**
 * Tools of built-in servers that a token has to be for expressly, whatever the rules say: what they show or do is not
 * meant for everybody who may use the server.
 */
export const BUILTIN_SCOPES: ReadonlyMap<BuiltinName, ReadonlyMap<string, string>> = new Map([
  ['oauth', new Map([['create_oauth2_test_token', TEST_SCOPE]])],
  [
    'security',
    new Map([
      ['get_security_audit_log', AUDIT_READ],
      ['generate_security_report', AUDIT_READ],
    ]),
  ],
]);
