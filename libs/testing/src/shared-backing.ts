import type {} from 'vitest';

/** Addresses of the servers that one test run shares. */
export interface SharedBacking {
  /** Superuser's URL of the database `baton`. */
  readonly postgresUrl: string;
  readonly brokers: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    batonBacking: SharedBacking;
  }
}
