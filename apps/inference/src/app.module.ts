import { AccessModule } from '@baton/access';
import { MessagingModule } from '@baton/messaging';
import { Module, type DynamicModule } from '@nestjs/common';
import { join } from 'node:path';
import type { InferenceConfig } from './config.js';
import { GrpcModule } from './grpc/grpc.module.js';
import { PlansModule } from './plans/plans.module.js';
import { PredictionsModule } from './predictions/predictions.module.js';
import { ReplicasModule } from './replicas/replicas.module.js';
import { RepositoryModule } from './repository/repository.module.js';
import { RestInferModule } from './rest-infer/rest-infer.module.js';
import { SettingsModule } from './settings.module.js';

@Module({})
export class AppModule {
  static forConfig(config: InferenceConfig): DynamicModule {
    const { kafkaBrokers: brokers, kafkaPrefix: prefix, dataDir } = config;
    return {
      module: AppModule,
      imports: [
        SettingsModule.forConfig(config),
        MessagingModule.forService({ service: 'inference', brokers, prefix, outbox: false }),
        AccessModule.forService({ keyring: { snapshotFile: join(dataDir, 'access-keys.json') } }),
        PlansModule,
        ReplicasModule,
        PredictionsModule,
        RestInferModule,
        RepositoryModule,
        GrpcModule,
      ],
    };
  }
}
