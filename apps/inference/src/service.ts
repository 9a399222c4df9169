import type { ServiceDefinition } from '@baton/service';
import { AppModule } from './app.module.js';
import { InferenceConfig } from './config.js';
import { GrpcServer } from './predictions/grpc-server.js';
import { speakProtocol } from './predictions/rest-protocol.js';

export const inferenceService: ServiceDefinition<InferenceConfig> = {
  name: 'inference',
  config: InferenceConfig,
  module: (config) => AppModule.forConfig(config),
  bodyLimit: (config) => config.maxBodyBytes,
  prepare: (app, config) => {
    speakProtocol(app, config);
    app.connectMicroservice(app.get(GrpcServer).options());
    return Promise.resolve();
  },
};
