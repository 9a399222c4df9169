/** What OpenTelemetry's own variables say; the SDK reads the rest of them by itself. */
export interface TelemetryConfig {
  /** Base URL of an OTLP/HTTP collector; without one nothing is exported. */
  readonly endpoint: string | undefined;
  /** Share of the traces that begin here and are kept, 0–1. A caller's own decision is followed. */
  readonly ratio: number;
  /** Variables that were left out because they do not fit, and what they must be. */
  readonly problems: readonly string[];
}

/** Wrong values are told and left out, as OpenTelemetry's specification wants it: no service stops for its traces. */
export function telemetryConfig(env: NodeJS.ProcessEnv = process.env): TelemetryConfig {
  const problems: string[] = [];
  const given = env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() || undefined;
  const endpoint = given !== undefined && isHttpUrl(given) ? given : undefined;
  if (given !== undefined && endpoint === undefined) {
    problems.push('OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL; no traces are sent');
  }
  const ratioText = env['OTEL_TRACES_SAMPLER_ARG']?.trim() || '1';
  const ratio = Number(ratioText);
  const fits = ratio >= 0 && ratio <= 1;
  if (!fits) problems.push('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1; every trace is kept');
  return { endpoint, ratio: fits ? ratio : 1, problems };
}

/** Where traces go below the base URL (OTLP specification, "Endpoint URLs for OTLP/HTTP"). */
export function tracesUrl(endpoint: string): string {
  const base = new URL(endpoint);
  base.pathname = `${base.pathname.replace(/\/$/, '')}/v1/traces`;
  return base.href;
}

/** Headers that the collector wants, by OpenTelemetry's variables: `name=value,…`, percent-encoded. */
export function exportHeaders(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const texts = [env['OTEL_EXPORTER_OTLP_HEADERS'], env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']];
  return Object.fromEntries(texts.flatMap((text = '') => text.split(',').flatMap(headerOf)));
}

function headerOf(pair: string): [string, string][] {
  const at = pair.indexOf('=');
  if (at < 1) return [];
  try {
    return [[pair.slice(0, at).trim().toLowerCase(), decodeURIComponent(pair.slice(at + 1).trim())]];
  } catch {
    return [];
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
