import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalKeys } from './keys.js';
import type { Ports } from './ports.js';

/** Where the platform is and who one is: what `npx baton` reads from `$BATON_HOME/client.json`. */
export interface ClientFile {
  readonly registry: string;
  readonly deployment: string;
  readonly inference: string;
  readonly monitoring: string;
  readonly key: string;
  readonly kafka: { readonly brokers: string[]; readonly prefix: string };
  /** Where traces are sent by OTLP/HTTP, and read by `GET /traces/{traceId}`. */
  readonly traces: string;
}

export function clientFile(ports: Ports, keys: LocalKeys, brokers: string, prefix: string): ClientFile {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  return {
    registry: url(ports.registry),
    deployment: url(ports.deployment),
    inference: url(ports.inference),
    monitoring: url(ports.monitoring),
    key: keys.access.admin,
    kafka: { brokers: brokers.split(','), prefix },
    traces: url(ports.traces),
  };
}

/** Writes a file that holds keys: complete or not at all, and for its owner only. */
export function writePrivateJson(home: string, name: string, value: unknown): void {
  const file = join(home, name);
  writeFileSync(`${file}.part`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}
