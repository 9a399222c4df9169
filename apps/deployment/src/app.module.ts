import { AccessModule } from '@baton/access';
import { DatabaseModule } from '@baton/database';
import { MessagingModule } from '@baton/messaging';
import { Module, type DynamicModule } from '@nestjs/common';
import type { DeploymentConfig } from './config.js';
import { EndpointsModule } from './endpoints/endpoints.module.js';
import { RolloutsModule } from './rollouts/rollouts.module.js';
import { deploymentSchema } from './schema.js';
import { SettingsModule } from './settings.module.js';
import { VersionsModule } from './versions/versions.module.js';

@Module({})
export class AppModule {
  static forConfig(config: DeploymentConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forConfig(config),
        DatabaseModule.forService({ url: config.databaseUrl, ...deploymentSchema }),
        MessagingModule.forService({
          service: 'deployment',
          brokers: config.kafkaBrokers,
          prefix: config.kafkaPrefix,
        }),
        AccessModule.forService({}),
        VersionsModule,
        RolloutsModule,
        EndpointsModule,
      ],
    };
  }
}
