import { OnBatch, OnIdle, type BatchContext, type BatonEventAt, type IdleContext } from '@baton/messaging';
import { Controller } from '@nestjs/common';
import { PredictionLog } from './prediction-log.js';

@Controller()
export class PredictionsConsumer {
  constructor(private readonly log: PredictionLog) {}

  @OnBatch('prediction.logged')
  logged(batch: BatonEventAt<'prediction.logged'>[], context: BatchContext): Promise<void> {
    return this.log.apply(batch, context);
  }

  @OnIdle('prediction.logged')
  idle(partition: number, context: IdleContext): Promise<void> {
    return this.log.reachedEnd(partition, context);
  }
}
