import { Module, type DynamicModule } from '@nestjs/common';
import { InferenceConfig } from './config.js';
import { DataDir } from './data-dir.js';
import { TrustRoots } from './trust-roots.js';

/** What every feature may ask for. */
@Module({})
export class SettingsModule {
  static forConfig(config: InferenceConfig): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [{ provide: InferenceConfig, useValue: config }, DataDir, TrustRoots],
      exports: [InferenceConfig, DataDir, TrustRoots],
    };
  }
}
