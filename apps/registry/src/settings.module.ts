import { Module, type DynamicModule } from '@nestjs/common';
import { RegistryConfig } from './config.js';

/** What every feature may ask for. */
@Module({})
export class SettingsModule {
  static forConfig(config: RegistryConfig): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [{ provide: RegistryConfig, useValue: config }],
      exports: [RegistryConfig],
    };
  }
}
