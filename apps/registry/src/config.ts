import { Env, ServiceConfig } from '@baton/service';
import { ArrayMinSize, IsBoolean, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;

/** What the registry is told by its environment. */
export class RegistryConfig extends ServiceConfig {
  /** TCP port of the REST API. */
  override port = 4100;

  /** Postgres, as the role that owns the schema `registry`. */
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
  kafkaPrefix = '';

  /** Folder of the artifacts, by their SHA-256. */
  @IsString()
  @Length(1, 4096)
  artifactDir: string;

  /** PEM file of the private key that release attestations are signed with. */
  @IsString()
  @Length(1, 4096)
  signingKeyFile: string;

  /** JSON file with the access keys that exist from the first start on. */
  @IsOptional()
  @IsString()
  bootstrapKeyFile?: string;

  /** Folder of PEM files: the public keys whose model signatures count. Read at each push. */
  @IsOptional()
  @IsString()
  trustedSignersDir?: string;

  /** Whether a version must come with a model signature. */
  @IsBoolean()
  requireSignature = false;

  /** Largest model file, in bytes. */
  @IsInt()
  @Min(1)
  @Max(64 * GIBIBYTE)
  maxModelBytes = 2 * GIBIBYTE;

  /** Largest reference table, in bytes. */
  @IsInt()
  @Min(1)
  @Max(4 * GIBIBYTE)
  maxReferenceBytes = 256 * MEBIBYTE;

  /** How long the trial load and run of a model may take. */
  @IsInt()
  @Min(1000)
  @Max(600_000)
  trialTimeoutMs = 30_000;

  /** Megabytes that the trial of a model may take, beside what the model itself needs. */
  @IsInt()
  @Min(256)
  @Max(65_536)
  trialMemoryMb = 2048;
}
