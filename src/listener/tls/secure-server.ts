import { createServer, type Server, type ServerOptions } from 'node:https';
import type { RequestListener } from 'node:http';
import type { TlsConfig } from '../../config/tls.ts';
import type { Certificate } from './certificate.ts';
import { secureOptions } from './protocol.ts';
import { contextFor, type Slot } from './slots.ts';

/** A year (RFC 6797, section 6.1.1), which is what the lists of browsers ask for. */
const HSTS = 'max-age=31536000';

export interface SecureServerOptions {
  readonly tls: TlsConfig;
  readonly slots: readonly Slot[];
  /** Until a handshake is over, in milliseconds. */
  readonly handshakeMs: number;
}

/**
 * An HTTPS server that shows each client the certificate of the name it asks for. Without a certificate it ends every
 * handshake: one that nobody can check would only teach people to click warnings away.
 */
export function secureServer(
  options: ServerOptions,
  handler: RequestListener,
  { tls, slots, handshakeMs }: SecureServerOptions,
): Server {
  const server = createServer(
    {
      ...options,
      ...secureOptions(tls),
      handshakeTimeout: handshakeMs,
      ALPNProtocols: ['http/1.1'],
      // A name of nobody gets the first certificate, as one who names none does, and can tell for itself what is wrong.
      SNICallback: (name, done) => done(null, contextFor(slots, name) ?? firstOf(slots)?.context),
    },
    tls.hsts ? strict(handler) : handler,
  );
  return server;
}

/** Shows this certificate from the next handshake on. Connections that are open, and streams on them, stay. */
export function showByDefault(server: Server, tls: TlsConfig, slots: readonly Slot[]): void {
  const certificate = firstOf(slots);
  if (!certificate) return;
  const { cert, key } = certificate;
  server.setSecureContext({ ...secureOptions(tls), cert, key });
}

function firstOf(slots: readonly Slot[]): Certificate | undefined {
  return slots.find((slot) => slot.certificate)?.certificate;
}

function strict(handler: RequestListener): RequestListener {
  return (req, res) => {
    res.setHeader('strict-transport-security', HSTS);
    handler(req, res);
  };
}
