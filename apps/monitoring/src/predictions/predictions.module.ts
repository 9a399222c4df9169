import { Module } from '@nestjs/common';
import { PartitionsModule } from '../partitions/partitions.module.js';
import { ReplicasModule } from '../replicas/replicas.module.js';
import { WindowsModule } from '../windows/windows.module.js';
import { PredictionLog } from './prediction-log.js';
import { PredictionsConsumer } from './predictions.consumer.js';
import { PredictionsController } from './predictions.controller.js';
import { PredictionsService } from './predictions.service.js';
import { RetentionJob } from './retention.job.js';

@Module({
  imports: [PartitionsModule, ReplicasModule, WindowsModule],
  controllers: [PredictionsController, PredictionsConsumer],
  providers: [PredictionLog, PredictionsService, RetentionJob],
})
export class PredictionsModule {}
