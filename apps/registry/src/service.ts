import { connectEvents } from '@baton/messaging';
import type { ServiceDefinition } from '@baton/service';
import multipart from '@fastify/multipart';
import { AppModule } from './app.module.js';
import { RegistryConfig } from './config.js';

/** A push has at most four files and a few words beside them. */
const MAX_FILES = 4;
const MAX_FIELDS = 4;
const MAX_FIELD_BYTES = 1024;

export const registryService: ServiceDefinition<RegistryConfig> = {
  name: 'registry',
  config: RegistryConfig,
  module: (config) => AppModule.forConfig(config),
  prepare: async (app, config) => {
    const fileSize = Math.max(config.maxModelBytes, config.maxReferenceBytes) + 1;
    const limits = { fileSize, files: MAX_FILES, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES };
    await app.register(multipart, { limits, throwFileSizeLimit: false });
    await connectEvents(app);
  },
};
