import type { ChallengeType } from '../../../config/tls.ts';

/** Why there is no certificate, in words for whoever runs the gateway, and when to ask again at the earliest. */
export class AcmeError extends Error {
  override name = 'AcmeError';
  /** Milliseconds that the authority wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    { retryAfterMs, cause }: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/** A problem document of an authority (RFC 8555, section 6.7; RFC 7807), as far as it can be believed to be one. */
export interface Problem {
  /** Without `urn:ietf:params:acme:error:`. */
  readonly type: string;
  readonly detail: string;
}

const URN = 'urn:ietf:params:acme:error:';
const LONGEST_DETAIL = 500;

export function problemOf(value: unknown): Problem | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, detail } = value as { readonly type?: unknown; readonly detail?: unknown };
  if (typeof type !== 'string') return undefined;
  const words = typeof detail === 'string' ? detail.replaceAll(/\s+/g, ' ').slice(0, LONGEST_DETAIL) : '';
  return { type: type.replace(URN, '').slice(0, 100), detail: words };
}

/** What somebody can do about it. */
export function adviceFor({ type }: Problem, domain: string, challenge: ChallengeType): string {
  const port = challenge === 'http-01' ? 80 : 443;
  switch (type) {
    case 'dns':
      return `Point an A or AAAA record of ${domain} at this machine.`;
    case 'connection':
    case 'tls':
      return `Port ${port} of ${domain} has to lead here from the internet: look at the firewall, the router and the record in DNS.`;
    case 'unauthorized':
    case 'incorrectResponse':
      return `Something else answers at port ${port} of ${domain}: look where the name leads, and what stands in front.`;
    case 'caa':
      return `A CAA record of ${domain} names other authorities than this one.`;
    case 'rateLimited':
      return 'The authority has had enough of this name for now; use its staging directory to try things out.';
    case 'rejectedIdentifier':
      return `This authority has no certificate for ${domain}: is it a public name, and written as it should be?`;
    case 'externalAccountRequired':
      return 'This authority wants an account that was made at its web site, which this gateway does not know to use.';
    default:
      return '';
  }
}
