import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Binding, seal, unseal } from '../../pii/vault/envelope.ts';
import { KeyFileError, readKeyFile } from '../../pii/vault/key-file.ts';
import { KeyRing } from '../../pii/vault/key-ring.ts';
import { MemoryTokenStore, Tokens } from '../../pii/vault/tokens.ts';
import type { Place } from './place.ts';
import { answer, looksOnly } from './tool.ts';

const inputSchema = z.strictObject({
  value: z.string().min(1).max(10_000).describe('What to encrypt. It is not kept.'),
  entity: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,63}$/)
    .default('EMAIL_ADDRESS')
    .describe('The type that it is encrypted as'),
});

const outputSchema = z.object({
  algorithm: z.string(),
  envelope: z.string().describe('The value encrypted, with a key that was made for this call and is gone'),
  token: z.string().describe('The value tokenized'),
  checks: z.array(z.object({ name: z.string(), passed: z.boolean() })),
  passed: z.boolean().describe('Did all checks pass?'),
  key_file: z.object({
    state: z
      .enum(['not_configured', 'not_made', 'good', 'bad'])
      .describe('That of the guard. not_made: nothing was encrypted yet'),
    problem: z.string().nullable(),
    keys: z.array(z.object({ id: z.string(), state: z.enum(['active', 'decrypt', 'revoked']) })),
  }),
});

type Output = z.infer<typeof outputSchema>;

export function registerTestEncryption(server: McpServer, place: Place): void {
  const title = 'Try the encryption';
  server.registerTool(
    'test_encryption',
    {
      title,
      description:
        'Encrypts and tokenizes a value as the guard does, with a key that lives for this call only, and checks that it ' +
        'comes back, and that it does not for another user, another policy, after a change, or with another key. Tells ' +
        'the state of the key file, and never a key.',
      inputSchema,
      outputSchema,
      annotations: { ...looksOnly(title), idempotentHint: false },
    },
    ({ value, entity }) =>
      answer(() => ({ ...roundTrip(value, entity), key_file: keyFileOf(place.config()?.guard?.keyFile) })),
  );
}

const BINDING: Binding = { tenant: 'test', policy: 'test' };

function roundTrip(value: string, entity: string): Omit<Output, 'key_file'> {
  const ring = KeyRing.fresh();
  const envelope = seal(ring, entity, value, BINDING);
  const rotated = ring.rotated();
  const revoked = new KeyRing([
    ...ring.keys.map((key) => ({ ...key, state: 'revoked' as const })),
    KeyRing.fresh().active,
  ]);
  const tokens = new Tokens(ring, new MemoryTokenStore(60_000));
  const token = tokens.tokenOf(entity, value, BINDING);
  const opens = (text: string, keys: KeyRing, binding: Partial<Binding> = {}): boolean =>
    unseal(keys, text, { ...BINDING, ...binding }) === value;
  const checks: Output['checks'] = [
    { name: 'the envelope opens', passed: opens(envelope, ring) },
    { name: 'the envelope does not hold the value', passed: !envelope.includes(value) },
    { name: 'equal values get different envelopes', passed: seal(ring, entity, value, BINDING) !== envelope },
    { name: 'it does not open for another user', passed: !opens(envelope, ring, { tenant: 'other' }) },
    { name: 'it does not open under another policy', passed: !opens(envelope, ring, { policy: 'other' }) },
    {
      name: 'it does not open when any of its characters was changed',
      passed: !opensChanged(envelope, ring),
    },
    { name: 'it does not open with another key', passed: !opens(envelope, KeyRing.fresh()) },
    { name: 'it opens after a rotation of the keys', passed: opens(envelope, rotated) },
    {
      name: 'encrypted anew under the new key, it opens',
      passed: opens(seal(rotated, entity, value, BINDING), rotated),
    },
    { name: 'it does not open with a key that was revoked', passed: !opens(envelope, revoked) },
    { name: 'equal values get equal tokens', passed: tokens.tokenOf(entity, value, BINDING) === token },
    { name: 'the token is put back', passed: tokens.restore(token, BINDING, () => {}) === value },
    {
      name: 'the token is not put back for another user',
      passed: tokens.restore(token, { ...BINDING, tenant: 'other' }, () => {}) === token,
    },
  ];
  return {
    algorithm: 'AES-256-GCM, a key for each value by HKDF-SHA256',
    envelope,
    token,
    checks,
    passed: checks.every(({ passed }) => passed),
  };
}

/** Each character of the sealed part, replaced by another one. */
function opensChanged(envelope: string, ring: KeyRing): boolean {
  const from = envelope.lastIndexOf('.') + 1;
  // A long value has as many; its beginning and its end hold salt and tag.
  const places = Array.from({ length: envelope.length - 1 - from }, (_, i) => from + i).filter(
    (at) => at < from + 200 || at > envelope.length - 200,
  );
  return places.some((at) => {
    const other = envelope[at] === 'A' ? 'B' : 'A';
    return unseal(ring, envelope.slice(0, at) + other + envelope.slice(at + 1), BINDING) !== undefined;
  });
}

function keyFileOf(path: string | undefined): Output['key_file'] {
  if (path === undefined) return { state: 'not_configured', problem: null, keys: [] };
  try {
    const { keys } = readKeyFile(path);
    return { state: 'good', problem: null, keys: keys.map(({ id, state }) => ({ id, state })) };
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    if (isMissing(error.cause)) return { state: 'not_made', problem: null, keys: [] };
    return { state: 'bad', problem: error.message, keys: [] };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
