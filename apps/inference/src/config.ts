import { Env, ServiceConfig } from '@baton/service';
import { OnLoopback } from './on-loopback.js';
import { ArrayMinSize, IsIn, IsInt, IsNumber, IsOptional, IsString, IsUrl, Length, Max, Min } from 'class-validator';

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

  /** `off` lets everybody in and records nobody's name: for measuring what the check costs, on a loopback host alone. */
  @IsIn(['on', 'off'])
  @OnLoopback()
  accessCheck: 'on' | 'off' = 'on';

  /** `off` keeps no record of predictions: for measuring what the record costs, on a loopback host alone. */
  @IsIn(['on', 'off'])
  @OnLoopback()
  predictionLog: 'on' | 'off' = 'on';

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

  /** Milliseconds that a run may take on the serving loop, where it holds up everybody; a slower model has a process. */
  @IsNumber()
  @Min(0.01)
  @Max(1000)
  loopRunMs = 1;

  /** Mebibytes that a run may need on the serving loop, by what its graph says. */
  @IsInt()
  @Min(1)
  @Max(16_384)
  loopMemoryMb = 256;

  /** Mebibytes that a model in a process of its own may take, beside what it is when it is loaded. */
  @IsInt()
  @Min(16)
  @Max(1_048_576)
  processMemoryMb = 1024;

  /** Milliseconds that a run may take in a process of its own; then the process is ended. */
  @IsInt()
  @Min(10)
  @Max(600_000)
  runTimeoutMs = 20_000;

  /** Mebibytes of models in memory; beyond it, those not asked for the longest make room, and come back on demand. */
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  modelMemoryMb = 4096;

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
