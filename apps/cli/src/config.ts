import { readConnection, type Connection } from '@baton/client';
import { resolve } from 'node:path';

/** The platform of `BATON_HOME` (default `.baton`); `BATON_KEY` acts as somebody else, `BATON_<SERVICE>_URL` elsewhere. */
export function cliConnection(): Connection {
  const home = resolve(process.env['BATON_HOME'] ?? '.baton');
  const read = process.env['BATON_REGISTRY_URL'] && process.env['BATON_KEY'] ? undefined : readConnection(home);
  const url = (service: 'registry' | 'deployment' | 'inference' | 'monitoring', fallbackPort: number) =>
    process.env[`BATON_${service.toUpperCase()}_URL`] ?? read?.[service] ?? `http://127.0.0.1:${fallbackPort}`;
  return {
    registry: url('registry', 4100),
    deployment: url('deployment', 4200),
    inference: url('inference', 4300),
    monitoring: url('monitoring', 4400),
    key: process.env['BATON_KEY'] ?? read?.key ?? '',
    kafka: {
      brokers: process.env['KAFKA_BROKERS']?.split(',') ?? read?.kafka.brokers ?? ['127.0.0.1:4191'],
      prefix: process.env['KAFKA_PREFIX'] ?? read?.kafka.prefix ?? '',
    },
    traces: read?.traces ?? '',
  };
}
