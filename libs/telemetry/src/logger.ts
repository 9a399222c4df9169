import { trace } from '@opentelemetry/api';
import { redact, redactText } from './redact.js';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

type Fields = Readonly<Record<string, unknown>>;

/** ERROR: somebody must act. WARN: healed itself. INFO: a state changed. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

let least: LogLevel = 'info';
let service = 'baton';

export function setLogLevel(level: LogLevel): void {
  least = level;
}

export function setServiceName(name: string): void {
  service = name;
}

/** One JSON object a line on stdout, with the active trace; secrets are left out. Never throws. */
export function createLogger(name: string): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (logLevels.indexOf(level) < logLevels.indexOf(least)) return;
      process.stdout.write(`${line(level, name, message, fields)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function line(level: LogLevel, name: string, message: string, fields: Fields): string {
  const span = trace.getActiveSpan()?.spanContext();
  const own = {
    time: new Date().toISOString(),
    level,
    service,
    logger: name,
    message: redactText(message),
    ...(span ? { trace_id: span.traceId, span_id: span.spanId } : {}),
  };
  try {
    return JSON.stringify({ ...own, ...withoutNames(redact(fields) as Fields, own) });
  } catch (error) {
    // A getter that throws, a proxy: whatever was to be told matters more than how it looks.
    return JSON.stringify({ ...own, unreadable: error instanceof Error ? redactText(error.message) : 'fields' });
  }
}

/** A field that is called like one of the entry's own keeps its value under another name. */
function withoutNames(fields: Fields, own: object): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name in own ? `${name}_` : name, value]));
}
