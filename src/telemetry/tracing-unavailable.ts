/** What traces need besides Sallyport: optional peers, since most gateways have no traces. */
export const PACKAGES: readonly string[] = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
];

/** Traces are configured, and the packages for them are not there. */
export class TracingUnavailable extends Error {
  override readonly name = 'TracingUnavailable';
  /** The command that mends it. */
  readonly advice = `npm install ${PACKAGES.join(' ')}`;

  constructor(cause: unknown) {
    super('telemetry.traces needs the packages of OpenTelemetry, and they are not installed', { cause });
  }
}
