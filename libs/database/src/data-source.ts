import { DataSource } from 'typeorm';
import { SnakeCaseNames } from './snake-case-names.js';

type Class = abstract new (...args: never[]) => object;

/** How a service reaches its schema. */
export interface DatabaseOptions {
  /** `postgres://role:password@host:port/database`. */
  readonly url: string;
  readonly schema: string;
  readonly entities: readonly Class[];
  readonly migrations: readonly Class[];
  /** Connections at most. */
  readonly poolSize?: number;
}

const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;

/** @param onPoolError hears of connections that died while nobody used them */
export function createDataSource(options: DatabaseOptions, onPoolError: (error: Error) => void): DataSource {
  const { url, schema, poolSize = 10 } = options;
  return new DataSource({
    type: 'postgres',
    url,
    schema,
    applicationName: `baton-${schema}`,
    entities: [...options.entities],
    migrations: [...options.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeCaseNames(),
    synchronize: false,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolSize,
    poolErrorHandler: onPoolError,
    extra: {
      options: `-c search_path=${schema} -c statement_timeout=${STATEMENT_TIMEOUT_MS} -c lock_timeout=${LOCK_TIMEOUT_MS}`,
      keepAlive: true,
    },
  });
}
