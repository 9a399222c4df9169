import { Env, ServiceConfig } from '@baton/service';
import { ArrayMinSize, IsInt, IsString, Length, Max, Min } from 'class-validator';

/** What the deployment service is told by its environment. */
export class DeploymentConfig extends ServiceConfig {
  /** TCP port of the REST API. */
  override port = 4200;

  /** Postgres, as the role that owns the schema `deployment`. */
  @IsString()
  @Length(1, 2000)
  databaseUrl: string;

  /** Kafka bootstrap servers, `host:port` separated by commas. */
  @Env({ list: true })
  @ArrayMinSize(1)
  @IsString({ each: true })
  kafkaBrokers: string[];

  /** Put before the names of topics and consumer groups, so that several platforms share a cluster. */
  @IsString()
  kafkaPrefix: string = '';

  /** PEM file of the private key that serving plans are signed with. */
  @IsString()
  @Length(1, 4096)
  signingKeyFile: string;

  /** PEM file of the registry's public key: whose release attestations count. */
  @IsString()
  @Length(1, 4096)
  trustedRegistryKeyFile: string;

  /** Seconds that the replicas have to load a version before its deployment is refused. */
  @IsInt()
  @Min(1)
  @Max(86_400)
  rolloutTimeoutSeconds: number = 300;

  /** Replicas that must serve a version before its deployment is completed. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  minReplicas: number = 1;

  /** Seconds after its last report that a replica no longer counts as alive. */
  @IsInt()
  @Min(1)
  @Max(3600)
  replicaStaleSeconds: number = 30;

  /** Milliseconds between two looks at the running rollouts; a replica's report is looked at at once. */
  @IsInt()
  @Min(10)
  @Max(60_000)
  rolloutCheckMs: number = 1000;

  /** Milliseconds that a request waits for a version's registration or approval that may still be on its way here. */
  @IsInt()
  @Min(0)
  @Max(20_000)
  versionWaitMs: number = 3000;
}
