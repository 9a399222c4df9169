import { connectEvents } from '@baton/messaging';
import type { ServiceDefinition } from '@baton/service';
import { AppModule } from './app.module.js';
import { MonitoringConfig } from './config.js';

export const monitoringService: ServiceDefinition<MonitoringConfig> = {
  name: 'monitoring',
  config: MonitoringConfig,
  module: (config) => AppModule.forConfig(config),
  prepare: (app) => connectEvents(app),
};
