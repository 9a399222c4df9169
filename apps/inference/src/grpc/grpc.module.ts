import { Module } from '@nestjs/common';
import { PredictionsModule } from '../predictions/predictions.module.js';
import { RepositoryModule } from '../repository/repository.module.js';
import { CallAccess } from './call-access.js';
import { GrpcErrors } from './grpc-errors.js';
import { GrpcServer } from './grpc-server.js';
import { GrpcServices } from './grpc-services.js';
import { InferCalls } from './infer-calls.js';
import { ModelCalls } from './model-calls.js';

@Module({
  imports: [PredictionsModule, RepositoryModule],
  providers: [GrpcServer, GrpcServices, InferCalls, ModelCalls, CallAccess, GrpcErrors],
})
export class GrpcModule {}
