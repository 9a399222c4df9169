import { Env, ServiceConfig } from '@baton/service';
import { ArrayMinSize, IsInt, IsString, IsUrl, Length, Max, Min } from 'class-validator';

const MEBIBYTE = 1024 ** 2;

/** What a replica is told by its environment. */
export class InferenceConfig extends ServiceConfig {
  /** TCP port of the REST API. */
  override port = 4300;

  /** TCP port of the gRPC API; 0 takes any free one. */
  @IsInt()
  @Min(0)
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

  /** Largest REST request, in bytes. */
  @IsInt()
  @Min(1024)
  @Max(1024 * MEBIBYTE)
  maxBodyBytes = 16 * MEBIBYTE;

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
  @Min(MEBIBYTE)
  spoolMaxBytes = 1024 * MEBIBYTE;
}
