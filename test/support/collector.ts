import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A span as it arrived. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string | undefined;
  readonly name: string;
  /** Of OTLP: 2 is a server, 3 a client. */
  readonly kind: number;
  /** Of OTLP: 2 is an error. */
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** What was said of the program. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A collector of OTLP over HTTP, which keeps what it gets. */
export interface Collector extends AsyncDisposable {
  readonly endpoint: string;
  readonly spans: CollectedSpan[];
  readonly headers: IncomingHttpHeaders[];
  /** Everything that arrived, as it came. */
  readonly bodies: string[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[];
  }[];
}

/** Opens one on a free port of loopback. */
export async function openCollector(status = 200): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const bodies: string[] = [];
  const server = createServer((req, res) => {
    void read(req).then((body) => {
      headers.push(req.headers);
      bodies.push(body);
      if (status === 200) spans.push(...decode(JSON.parse(body) as Export));
      res.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    headers,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function read(req: NodeJS.ReadableStream & { readonly headers: IncomingHttpHeaders }): Promise<string> {
  if (req.headers['content-encoding'] !== 'gzip') return text(req);
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return gunzipSync(Buffer.concat(chunks)).toString('utf8');
}

function decode({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...(span as unknown as CollectedSpan),
        parentSpanId: (span['parentSpanId'] as string | undefined) ?? '',
        attributes: valuesOf(span['attributes'] as readonly Attribute[]),
        links: (span['links'] as CollectedSpan['links'] | undefined) ?? [],
        resource: valuesOf(resource.attributes),
      })),
    ),
  );
}

/** OTLP writes each value with its type; 64-bit numbers as text. */
function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const number = value['intValue'];
      return [key, number === undefined ? Object.values(value)[0] : Number(number)];
    }),
  );
}
