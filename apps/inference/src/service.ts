import type { ServiceDefinition } from '@baton/service';
import { AppModule } from './app.module.js';
import { InferenceConfig } from './config.js';
import { RestInfer } from './rest-infer/rest-infer.js';
import { speakProtocol } from './predictions/rest-protocol.js';

export const inferenceService: ServiceDefinition<InferenceConfig> = {
  name: 'inference',
  config: InferenceConfig,
  module: (config) => AppModule.forConfig(config),
  bodyLimit: (config) => config.maxBodyBytes,
  prepare: (app, config) => {
    speakProtocol(app, config);
    app.get(RestInfer).attach(app.getHttpServer());
    return Promise.resolve();
  },
};
