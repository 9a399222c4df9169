import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { PredictionLog } from '../prediction-log/prediction-log.js';
import { DataPlane } from './data-plane.js';
import { GrpcServer } from './grpc-server.js';
import { GrpcService } from './grpc-service.js';
import { InferController } from './infer.controller.js';
import { PredictController } from './predict.controller.js';

@Module({
  imports: [PlansModule],
  controllers: [InferController, PredictController],
  providers: [DataPlane, PredictionLog, GrpcService, GrpcServer],
})
export class PredictionsModule {}
