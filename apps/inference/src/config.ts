import { Env, ServiceConfig } from '@baton/service';
import { ArrayMinSize, IsInt, IsOptional, IsString, IsUrl, Length, Max, Min } from 'class-validator';

const MEBIBYTE = 1024 ** 2;

/** What a replica is told by its environment. */
export class InferenceConfig extends ServiceConfig {
  /** TCP port of the REST API. */
  override port = 4300;

  /** TCP port of the gRPC API. */
  @IsInt()
  @Min(1)
  @Max(65_535)
  grpcPort = 4301;

  /** Kafka bootstrap servers, `host:port` separated by commas. */
  @Env({ list: true })
  @ArrayMinSize(1)
  @IsString({ each: true })
  kafkaBrokers: string[];

  /** Put before the names of topics and consumer groups, so that several platforms share a cluster. */
  @IsString()
  kafkaPrefix = '';

  /** Folder of the replica's own: plans, artifacts, spool, keys. Two replicas never share one. */
  @IsString()
  @Length(1, 4096)
  dataDir: string;

  /** Base URL of the registry, where artifacts come from. */
  @IsUrl({ require_tld: false, require_protocol: true })
  registryUrl: string;

  /** File with the access key that downloads artifacts. */
  @IsString()
  @Length(1, 4096)
  serviceKeyFile: string;

  /** PEM file of the registry's public key: whose release attestations count. */
  @IsString()
  @Length(1, 4096)
  trustedRegistryKeyFile: string;

  /** PEM file of the deployment service's public key: whose plans count. */
  @IsString()
  @Length(1, 4096)
  trustedDeploymentKeyFile: string;

  /** File with the key that logged values are hashed with, the same for all replicas; unset: one of this replica's own. */
  @IsOptional()
  @IsString()
  @Length(1, 4096)
  hashKeyFile?: string;

  /** Largest REST request, in bytes. */
  @IsInt()
  @Min(1024)
  @Max(1024 * MEBIBYTE)
  maxBodyBytes = 16 * MEBIBYTE;

  /** Milliseconds that a request may take to arrive, and then to wait for its turn. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  requestTimeoutMs = 30_000;

  /** Rows that requests of one turn of the event loop are run together in, at most; 1 runs each request alone. */
  @IsInt()
  @Min(1)
  @Max(65_536)
  maxBatchRows = 512;

  /** Requests that wait for one model at most; more are refused with 503. */
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  maxWaitingRequests = 10_000;

  /** Milliseconds between two reports of a replica to which nothing happens. */
  @IsInt()
  @Min(100)
  @Max(60_000)
  heartbeatMs = 5000;

  /** Seconds between two looks at the stored bytes of what is served. */
  @IsInt()
  @Min(1)
  @Max(86_400)
  rehashIntervalSeconds = 600;

  /** Bytes of predictions that wait for Kafka at most; then the oldest are dropped, counted and told. */
  @IsInt()
  @Min(4096)
  spoolMaxBytes = 1024 * MEBIBYTE;

  /** Bytes of one file of the spool. */
  @IsInt()
  @Min(1024)
  @Max(256 * MEBIBYTE)
  spoolSegmentBytes = 8 * MEBIBYTE;
}
