import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { PredictionLogModule } from '../prediction-log/prediction-log.module.js';
import { DataPlane } from './data-plane.js';
import { MetadataController } from './metadata.controller.js';
import { ModelDescriptions } from './model-descriptions.js';
import { PredictController } from './predict.controller.js';
import { PredictionMetrics } from './prediction-metrics.js';
import { PredictionRecorder } from './prediction-recorder.js';
import { ServingStats } from './serving-stats.js';

@Module({
  imports: [PlansModule, PredictionLogModule],
  controllers: [MetadataController, PredictController],
  providers: [DataPlane, PredictionRecorder, PredictionMetrics, ModelDescriptions, ServingStats],
  exports: [DataPlane, ModelDescriptions],
})
export class PredictionsModule {}
