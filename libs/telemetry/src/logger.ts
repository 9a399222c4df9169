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

/** One JSON object a line on stdout, with the active trace; secrets are left out. */
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
  return JSON.stringify({
    time: new Date().toISOString(),
    level,
    service,
    logger: name,
    message: redactText(message),
    ...(span ? { trace_id: span.traceId, span_id: span.spanId } : {}),
    ...(redact(fields) as Fields),
  });
}
