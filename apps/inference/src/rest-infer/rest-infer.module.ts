import { Module } from '@nestjs/common';
import { PredictionsModule } from '../predictions/predictions.module.js';
import { RestInfer } from './rest-infer.js';

@Module({ imports: [PredictionsModule], providers: [RestInfer] })
export class RestInferModule {}
