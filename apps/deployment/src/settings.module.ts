import { Module, type DynamicModule } from '@nestjs/common';
import { DeploymentConfig } from './config.js';
import { SigningKeys } from './signing-keys.js';

/** What every feature may ask for. */
@Module({})
export class SettingsModule {
  static forConfig(config: DeploymentConfig): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [{ provide: DeploymentConfig, useValue: config }, SigningKeys],
      exports: [DeploymentConfig, SigningKeys],
    };
  }
}
