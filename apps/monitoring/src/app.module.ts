import { AccessModule } from '@baton/access';
import { DatabaseModule } from '@baton/database';
import { MessagingModule } from '@baton/messaging';
import { Module, type DynamicModule } from '@nestjs/common';
import { MonitoringConfig } from './config.js';
import { PredictionsModule } from './predictions/predictions.module.js';
import { ReplicasModule } from './replicas/replicas.module.js';
import { monitoringSchema } from './schema.js';
import { VersionsModule } from './versions/versions.module.js';
import { WindowsModule } from './windows/windows.module.js';

/** Connections: one per partition that is being applied, and some for closing, requests and the relay. */
const POOL_SIZE = 16;

@Module({})
class ConfigModule {
  static for(config: MonitoringConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: MonitoringConfig, useValue: config }],
      exports: [MonitoringConfig],
    };
  }
}

@Module({})
export class AppModule {
  static forConfig(config: MonitoringConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.for(config),
        DatabaseModule.forService({ url: config.databaseUrl, ...monitoringSchema, poolSize: POOL_SIZE }),
        MessagingModule.forService({
          service: 'monitoring',
          brokers: config.kafkaBrokers,
          prefix: config.kafkaPrefix,
          groupSuffix: config.consumerGroupSuffix,
        }),
        AccessModule.forService({}),
        VersionsModule,
        WindowsModule,
        PredictionsModule,
        ReplicasModule,
      ],
    };
  }
}
