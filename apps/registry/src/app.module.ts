import { AccessModule } from '@baton/access';
import { DatabaseModule } from '@baton/database';
import { MessagingModule } from '@baton/messaging';
import { Module, type DynamicModule } from '@nestjs/common';
import { AliasesModule } from './aliases/aliases.module.js';
import { ArtifactsModule } from './artifacts/artifacts.module.js';
import type { RegistryConfig } from './config.js';
import { KeysModule } from './keys/keys.module.js';
import { ModelsModule } from './models/models.module.js';
import { registrySchema } from './schema.js';
import { SettingsModule } from './settings.module.js';
import { VersionsModule } from './versions/versions.module.js';

@Module({})
export class AppModule {
  static forConfig(config: RegistryConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forConfig(config),
        DatabaseModule.forService({ url: config.databaseUrl, ...registrySchema }),
        MessagingModule.forService({ service: 'registry', brokers: config.kafkaBrokers, prefix: config.kafkaPrefix }),
        AccessModule.forService({}),
        KeysModule,
        ArtifactsModule,
        ModelsModule,
        VersionsModule,
        AliasesModule,
      ],
    };
  }
}
