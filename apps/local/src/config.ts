import { loadConfig } from '@baton/service';
import { IsInt, IsOptional, IsString, Max, Min, MinLength } from 'class-validator';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** What `npm start` takes from the environment. */
export class LocalConfig {
  /** Folder for data, keys and logs. */
  @IsString()
  batonHome = '.baton';

  /** First of the ports that the platform listens on. */
  @IsInt()
  @Min(1024)
  @Max(65_000)
  batonPortBase = 4100;

  /** Folder for what is downloaded once: Kafka's jars. */
  @IsString()
  batonCache = join(homedir(), '.cache', 'baton');

  /** Brokers of an existing Kafka, comma-separated. Unset: one is started. */
  @IsOptional()
  @IsString()
  kafkaBrokers?: string;

  /** Put before every topic and consumer group, so that several platforms share a cluster. */
  @IsString()
  kafkaPrefix = '';

  /** An existing Postgres database, by a role that may create roles and schemas. Unset: one is started. */
  @IsOptional()
  @IsString()
  databaseUrl?: string;

  /** Password of the services' database roles. Unset: one is made and kept. */
  @IsOptional()
  @IsString()
  @MinLength(12)
  databasePassword?: string;

  @IsOptional()
  @IsString()
  javaHome?: string;

  @IsOptional()
  @IsString()
  mavenRepository?: string;

  /** A collector that every trace is handed on to; the platform keeps the last ones itself. */
  @IsOptional()
  @IsString()
  otelExporterOtlpEndpoint?: string;

  @IsString()
  logLevel = 'info';
}

/** @throws ConfigError naming the variables that are wrong */
export function localConfig(): LocalConfig {
  const config = loadConfig(LocalConfig);
  config.batonHome = resolve(config.batonHome);
  return config;
}

/** What a service process inherits: everything but Baton's own settings, which are given to it one by one. */
export function inheritedEnvironment(): Record<string, string | undefined> {
  const own = new Set(['DATABASE_URL', 'KAFKA_BROKERS', 'KAFKA_PREFIX', 'PORT', 'GRPC_PORT', 'HOST']);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.has(name)));
}
