import { Module } from '@nestjs/common';
import { PredictionLog } from './prediction-log.js';

@Module({ providers: [PredictionLog], exports: [PredictionLog] })
export class PredictionLogModule {}
