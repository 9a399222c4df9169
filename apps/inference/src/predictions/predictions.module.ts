import { Module } from '@nestjs/common';
import { PlansModule } from '../plans/plans.module.js';
import { PredictionLogModule } from '../prediction-log/prediction-log.module.js';
import { DataPlane } from './data-plane.js';
import { GrpcController } from './grpc.controller.js';
import { GrpcServer } from './grpc-server.js';
import { InferController } from './infer.controller.js';
import { PredictController } from './predict.controller.js';
import { PredictionRecorder } from './prediction-recorder.js';

@Module({
  imports: [PlansModule, PredictionLogModule],
  controllers: [InferController, PredictController, GrpcController],
  providers: [DataPlane, PredictionRecorder, GrpcServer],
})
export class PredictionsModule {}
