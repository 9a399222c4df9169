import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the services are, and as whom to speak to them. */
export interface Connection {
  readonly registry: string;
  readonly deployment: string;
  readonly inference: string;
  readonly monitoring: string;
  /** Access key, `baton_<id>_<secret>`. */
  readonly key: string;
  readonly kafka: { readonly brokers: string[]; readonly prefix: string };
  /** Where traces are sent by OTLP/HTTP, and read by `GET /traces/{traceId}`. */
  readonly traces: string;
}

/** Thrown when nothing says where the platform is. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';
}

/**
 * Reads `<home>/client.json`, which `npm start` writes.
 * @throws NoConnectionError when it is missing or cannot be read
 */
export function readConnection(home: string): Connection {
  const file = join(home, 'client.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Connection;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NoConnectionError(
      `no platform is known here (${why}). Start one with "npm start", or set BATON_HOME to the folder of a running one.`,
    );
  }
}
