import { connectEvents } from '@baton/messaging';
import type { ServiceDefinition } from '@baton/service';
import { AppModule } from './app.module.js';
import { DeploymentConfig } from './config.js';

export const deploymentService: ServiceDefinition<DeploymentConfig> = {
  name: 'deployment',
  config: DeploymentConfig,
  module: (config) => AppModule.forConfig(config),
  prepare: (app) => connectEvents(app),
};
