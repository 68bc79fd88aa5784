import { createHash } from 'node:crypto';
import type { Isolation } from '../config/isolation.ts';
import type { ReferenceName } from '../config/template.ts';
import type { Call, CallSession } from '../core/call.ts';
import { canonical } from '../core/canonical.ts';
import type { JsonObject } from '../core/json.ts';
import { NOTHING } from '../core/questions.ts';

/** Whose a process is. */
export interface Tenant {
  /** Two tenants of the same key share their processes; and no others do. Has no secret in it. */
  readonly key: string;
  /** Undefined: everybody's. */
  readonly principal: string | undefined;
  readonly session?: CallSession | undefined;
  /** What the references in the server's entry stand for; undefined when it has none. */
  readonly values?: ReadonlyMap<ReferenceName, string>;
}

const EVERYBODY: Tenant = { key: '', principal: undefined };

type Asker = Pick<Call, 'principal' | 'session' | 'passed'>;

/**
 * Whose process a call belongs in. Clients without sessions share what is their user's.
 * @param references of the server's entry to what the caller brings: who brings something else gets another process
 */
export function tenantOf(
  call: Asker,
  isolation: Isolation,
  references: readonly ReferenceName[] = [],
): Tenant {
  if (isolation === 'shared') return EVERYBODY;
  const { principal, session } = call;
  const owner =
    isolation === 'session' && session ? `${ownerKey(principal.id)} ${session.id}` : ownerKey(principal.id);
  const tenant: Tenant = {
    key: owner,
    principal: principal.id,
    ...(isolation === 'session' && { session }),
  };
  if (references.length === 0) return tenant;
  const values = valuesOf(call, references);
  return { ...tenant, key: `${owner} ${hashOf(values)}`, values };
}

/** The references that the caller brings nothing for. */
export function missing({ values }: Tenant, references: readonly ReferenceName[]): readonly ReferenceName[] {
  return references.filter((name) => !values?.get(name));
}

/** A tenant's calls from clients that can be asked these things. */
export function laneKey(tenant: Tenant, capabilities: JsonObject): string {
  return capabilities === NOTHING ? `${tenant.key} ` : `${tenant.key} ${canonical(capabilities)}`;
}

/** The length in front: the id of a principal is any text, and must not be mistaken for another one with more behind. */
function ownerKey(principal: string): string {
  return `${principal.length} ${principal}`;
}

function valuesOf(
  { principal, passed }: Asker,
  references: readonly ReferenceName[],
): ReadonlyMap<string, string> {
  const known = new Map([
    ['principal.id', principal.id],
    ['principal.email', principal.email],
    ['principal.user', principal.user],
  ]);
  return new Map(
    references.flatMap((name) => {
      const value = known.get(name) ?? passed?.get(name.slice('header:'.length));
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function hashOf(values: ReadonlyMap<string, string>): string {
  return createHash('sha256')
    .update(JSON.stringify([...values]))
    .digest('base64url');
}
