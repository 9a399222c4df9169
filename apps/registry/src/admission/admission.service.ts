import type { TensorSignature } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { withSpan } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { RegistryConfig } from '../config.js';
import { toSignature } from './datatypes.js';
import type { TrialTensor } from './trial-answer.js';
import { TrialError, trialRun } from './trial-run.js';

/** What admission says of a model that it lets in. */
export interface AdmittedModel {
  readonly inputs: TensorSignature[];
  readonly outputs: TensorSignature[];
  /** Operator set version by domain. */
  readonly opset: Record<string, number>;
}

/** Lets a model in, or says why not. A trial at a time: each may take all the memory it is allowed. */
@Injectable()
export class AdmissionService {
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly config: RegistryConfig) {}

  /** @throws ServiceError 422 `model-refused` with the reason */
  async admit(path: string): Promise<AdmittedModel> {
    return withSpan('admission', {}, async () => {
      try {
        const { trialTimeoutMs: timeoutMs, trialMemoryMb: memoryMb } = this.config;
        const { inputs, outputs, opset } = await this.inTurn(() => trialRun(path, { timeoutMs, memoryMb }));
        return { inputs: signatures(inputs), outputs: signatures(outputs), opset };
      } catch (error) {
        if (error instanceof TrialError) throw refused(error.message);
        throw error;
      }
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

function signatures(tensors: readonly TrialTensor[]): TensorSignature[] {
  return tensors.map((tensor) => {
    const signature = toSignature(tensor);
    if (typeof signature === 'string') throw refused(signature);
    return signature;
  });
}

function refused(reason: string): ServiceError {
  return new ServiceError('model-refused', `the model is refused: ${reason}`, {
    status: 422,
    errors: [{ field: 'model', message: reason }],
  });
}
