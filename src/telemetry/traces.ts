import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../config/traces.ts';
import { type TraceContext, traceContextOf } from '../core/trace-context.ts';
import { TracingUnavailable } from './tracing-unavailable.ts';

/** What is said of a span: words and numbers, never what was in a call. */
export type SpanFacts = Readonly<Record<string, string | number | undefined>>;

/** A span that is under way. */
export interface OpenSpan {
  /** What others go on with: the trace, and this span as their parent. */
  readonly context: TraceContext;
  /** Will it be sent? What is not need not be described. */
  readonly isRecorded: boolean;
  say(facts: SpanFacts): void;
  /** It failed. @param message an error's text of our own; a server's may quote what was in the call */
  fail(message?: string): void;
  end(): void;
}

export interface SpanStart {
  readonly name: string;
  /** `server`: somebody called us; `client`: we call somebody. */
  readonly kind: 'server' | 'client';
  readonly parent: TraceContext | undefined;
  /** Another trace that it has to do with, and is no part of. */
  readonly link?: TraceContext | undefined;
}

/** Begins spans, and sends those that are over. */
export interface Tracing {
  begin(start: SpanStart): OpenSpan;
  /** Sends what waits; gives up after a few seconds. */
  close(): Promise<void>;
}

/** How long the last spans may take to be sent. */
const CLOSE_MS = 3000;
/** A collector that is not there is logged once in this time. */
const COMPLAIN_MS = 60_000;

interface Options {
  readonly config: TracesConfig;
  readonly version: string;
  /** Spans could not be sent. */
  readonly warn: (problem: string) => void;
}

/**
 * Opens what sends spans to a collector. The SDK is loaded now, and only where it is configured; nothing of it is made
 * global, so that a program which brings its own keeps it.
 * @throws {TracingUnavailable} where the packages are not installed
 */
export async function openTracing({ config, version, warn }: Options): Promise<Tracing> {
  const { api, sdk, exporter, resources } = await loadPackages();
  const send = new exporter.OTLPTraceExporter({ url: config.endpoint, headers: config.headers });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': config.service,
      'service.version': version,
    }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(config.sample) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: complaining(send, warn),
        scheduledDelayMillis: config.interval,
      }),
    ],
  });
  const tracer = provider.getTracer('sallyport', version);
  return {
    begin: (start) => new Begun(api, tracer, start),
    close: () =>
      Promise.race([
        provider.shutdown().catch(() => {}),
        new Promise<void>((resolve) => {
          setTimeout(resolve, CLOSE_MS).unref();
        }),
      ]),
  };
}

type Api = typeof import('@opentelemetry/api');

async function loadPackages() {
  try {
    const [api, sdk, exporter, resources] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    return { api, sdk, exporter, resources };
  } catch (cause) {
    throw new TracingUnavailable(cause);
  }
}

/** The same exporter, whose failures are told of: the SDK keeps them to itself. */
function complaining(exporter: SpanExporter, warn: (problem: string) => void): SpanExporter {
  let complainedAt = -Infinity;
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        if (result.error && performance.now() - complainedAt > COMPLAIN_MS) {
          complainedAt = performance.now();
          warn(result.error.message);
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

class Begun implements OpenSpan {
  readonly #api: Api;
  readonly #span: Span;

  constructor(api: Api, tracer: Tracer, { name, kind, parent, link }: SpanStart) {
    this.#api = api;
    const { ROOT_CONTEXT, SpanKind, trace } = api;
    const above = parent && spanContextOf(api, parent);
    const beside = link && spanContextOf(api, link);
    this.#span = tracer.startSpan(
      name,
      {
        kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
        ...(beside && { links: [{ context: beside }] }),
      },
      above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT,
    );
  }

  get context(): TraceContext {
    const { traceId, spanId, traceFlags, traceState } = this.#span.spanContext();
    const flags = traceFlags.toString(16).padStart(2, '0');
    const tracestate = traceState?.serialize();
    return {
      traceparent: `00-${traceId}-${spanId}-${flags}`,
      ...(tracestate && { tracestate }),
    };
  }

  get isRecorded(): boolean {
    return this.#span.isRecording();
  }

  say(facts: SpanFacts): void {
    this.#span.setAttributes(attributesOf(facts));
  }

  fail(message?: string): void {
    this.#span.setStatus({
      code: this.#api.SpanStatusCode.ERROR,
      ...(message !== undefined && { message }),
    });
  }

  end(): void {
    this.#span.end();
  }
}

function spanContextOf({ createTraceState }: Api, context: TraceContext) {
  const [, traceId = '', spanId = '', flags = ''] = context.traceparent.split('-');
  const { tracestate } = traceContextOf({ ...context }) ?? {};
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
}

function attributesOf(facts: SpanFacts): Attributes {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
