import type { LoggerService } from '@nestjs/common';
import { createLogger } from './logger.js';

/** Nest's own messages in the same form; what it says while starting is for debugging. */
export class NestLogger implements LoggerService {
  log(message: unknown, ...rest: unknown[]): void {
    createLogger(nameOf(rest)).debug(String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    createLogger(nameOf(rest)).warn(String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const [stack] = rest;
    createLogger(nameOf(rest)).error(String(message), message instanceof Error ? { error: message } : { stack });
  }
}

function nameOf(rest: readonly unknown[]): string {
  const last = rest.at(-1);
  return typeof last === 'string' ? last : 'nest';
}
