import { resolve } from 'node:path';

/** Folder of the platform that the demo uses. */
export function batonHome(): string {
  return resolve(process.env['BATON_HOME'] ?? '.baton');
}

/** Sends this process's own spans to where the platform's go. */
export function exportTracesTo(url: string): void {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = url;
}

/** What a program that is started here inherits. */
export function environment(): Record<string, string | undefined> {
  return { ...process.env };
}
