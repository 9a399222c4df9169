import { DataSource } from 'typeorm';
import { ReportingPool } from './reporting-pool.js';
import { SnakeCaseNames } from './snake-case-names.js';
import { typeormLogger } from './typeorm-logger.js';

type Class = abstract new (...args: never[]) => object;

/** How a service reaches its schema. */
export interface DatabaseOptions {
  /** `postgres://role:password@host:port/database`. */
  readonly url: string;
  readonly schema: string;
  readonly entities: readonly Class[];
  readonly migrations: readonly Class[];
  /** Connections at most; default 10. */
  readonly poolSize?: number;
  /** How long one statement may take; default 30 000, 0 is without end. */
  readonly statementTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;
/** A client that vanished without a word holds its locks for about a minute, not for hours. */
const KEEPALIVE = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

/** @param onPoolError hears of connections that died while nobody used them */
export function createDataSource(options: DatabaseOptions, onPoolError: (error: Error) => void): DataSource {
  const { url, schema, poolSize = 10, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
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
    logger: typeormLogger,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolSize,
    poolErrorHandler: onPoolError,
    driver: { Pool: ReportingPool },
    extra: {
      options: `-c search_path=${schema} -c statement_timeout=${statementTimeoutMs} -c lock_timeout=${LOCK_TIMEOUT_MS} ${KEEPALIVE}`,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    },
  });
}
