import { ServiceConfig } from '@baton/service';
import { ArrayMinSize, IsInt, IsNumber, IsString, IsUrl, Length, Max, Min } from 'class-validator';

/** Everything that monitoring is told from outside. */
export class MonitoringConfig extends ServiceConfig {
  /** TCP port of the REST API. */
  override port = 4400;

  /** Postgres, as the role that owns the schema `monitoring`. */
  @IsString()
  @Length(1, 2000)
  databaseUrl: string;

  /** Kafka bootstrap brokers, host:port with commas between. */
  @ArrayMinSize(1)
  @IsString({ each: true })
  kafkaBrokers: string[];

  /** Put before every topic and consumer group. */
  @IsString()
  kafkaPrefix: string = '';

  /** Put behind the consumer groups: reads every topic anew, to rebuild an empty database beside the one in use. */
  @IsString()
  consumerGroupSuffix: string = '';

  /** Where reference rows are downloaded from. */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'] })
  registryUrl: string;

  /** File with the access key that monitoring shows to the registry. */
  @IsString()
  @Length(1, 4096)
  serviceKeyFile: string;

  /** Seconds without a prediction after which the clock alone may close a window whose time is over. */
  @IsNumber()
  @Min(0.1)
  @Max(3600)
  windowIdleSeconds: number = 5;

  /** Days after which a prediction's record is deleted; its windows stay. */
  @IsInt()
  @Min(1)
  predictionRetentionDays: number = 400;
}
