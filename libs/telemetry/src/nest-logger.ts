import type { LoggerService } from '@nestjs/common';
import { createLogger } from './logger.js';

/** Nest's own messages in the same form; what it says while starting is for debugging. */
export class NestLogger implements LoggerService {
  log(message: unknown, ...rest: unknown[]): void {
    createLogger(nameOf(rest)).debug(textOf(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    createLogger(nameOf(rest)).debug(textOf(message));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    createLogger(nameOf(rest)).debug(textOf(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    createLogger(nameOf(rest)).warn(textOf(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const stack = rest.length > 1 ? rest[0] : undefined;
    createLogger(nameOf(rest)).error(textOf(message), message instanceof Error ? { error: message } : { stack });
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  return message instanceof Error ? message.message : (JSON.stringify(message) ?? 'nothing');
}

/** Nest gives the name of the part that speaks last. */
function nameOf(rest: readonly unknown[]): string {
  const last = rest.at(-1);
  return typeof last === 'string' && !last.includes('\n') ? last : 'nest';
}
