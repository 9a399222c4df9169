import type { EndpointPolicy } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { PredictionLog } from '../prediction-log/prediction-log.js';
import type { PendingPrediction } from './pending-prediction.js';

const MAX_ERROR = 2000;

/** Writes down predictions as the data policy of their endpoint allows. */
@Injectable()
export class PredictionRecorder {
  constructor(
    private readonly log: PredictionLog,
    private readonly config: InferenceConfig,
  ) {}

  /** Calls back when the record is as safe as the endpoint's policy wants it. */
  record(finished: PendingPrediction, done: () => void): void {
    if (this.config.predictionLog === 'off') return done();
    const { plan, cause } = finished;
    if (cause !== undefined) {
      finished.error = reasonOf(cause, plan.policy);
      finished.errorCode = cause instanceof ServiceError ? cause.code : 'internal';
    }
    this.log.append(finished, plan.policy.record, done);
  }
}

/** A message may quote the value that it is about; where not everything may be logged, only what is wrong is. */
function reasonOf(error: unknown, { logging, features }: EndpointPolicy): string {
  const isOpen = logging === 'full' && Object.values(features).every((policy) => policy === 'full');
  if (isOpen) return (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR);
  if (!(error instanceof ServiceError)) return 'internal';
  const fields = error.errors.map(({ field }) => field).join(', ');
  return (fields ? `${error.code}: ${fields}` : error.code).slice(0, MAX_ERROR);
}
