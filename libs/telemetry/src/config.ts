/** What OpenTelemetry's own variables say; the SDK reads the rest of them by itself. */
export interface TelemetryConfig {
  /** Base URL of an OTLP/HTTP collector; without one nothing is exported. */
  readonly endpoint: string | undefined;
  /** Share of the traces that begin here and are kept, 0–1. A caller's own decision is followed. */
  readonly ratio: number;
}

export function telemetryConfig(): TelemetryConfig {
  const ratio = Number(process.env['OTEL_TRACES_SAMPLER_ARG'] ?? '1');
  return {
    endpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined,
    ratio: Number.isFinite(ratio) ? Math.min(1, Math.max(0, ratio)) : 1,
  };
}
