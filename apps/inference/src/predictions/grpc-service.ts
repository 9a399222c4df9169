import type { Caller } from '@baton/access';
import type { TensorSignature } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { DataPlane } from './data-plane.js';
import { decodeGrpcInputs, toGrpcResponse, type GrpcInferRequest } from './grpc-messages.js';

interface ModelRequest {
  readonly name: string;
  readonly version: string;
}

/** The methods of `inference.GRPCInferenceService` that are about models. */
@Injectable()
export class GrpcService {
  constructor(private readonly dataPlane: DataPlane) {}

  /** An unknown model is one that is not ready. */
  modelReady({ name, version }: ModelRequest, caller: Caller): { ready: boolean } {
    try {
      this.dataPlane.choose(this.dataPlane.served(name, caller), version);
      return { ready: true };
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) return { ready: false };
      throw error;
    }
  }

  modelMetadata({ name, version }: ModelRequest, caller: Caller) {
    const served = this.dataPlane.served(name, caller);
    const { inputs, outputs } = this.dataPlane.choose(served, version).route;
    const versions = served.models.map(({ route }) => String(route.version));
    return {
      name,
      versions,
      platform: 'onnx_onnxv1',
      inputs: inputs.map(toMetadata),
      outputs: outputs.map(toMetadata),
    };
  }

  async modelInfer(request: GrpcInferRequest, caller: Caller) {
    const answer = await this.dataPlane.infer({
      endpoint: request.model_name,
      version: request.model_version,
      caller,
      requestId: request.id,
      eventTime: request.parameters['event_time']?.string_param,
      receivedAt: new Date(),
      outputs: request.outputs.map(({ name }) => name),
      decode: (route) => decodeGrpcInputs(request, route.inputs),
    });
    return toGrpcResponse(request, answer);
  }
}

function toMetadata({ name, datatype, shape }: TensorSignature) {
  return { name, datatype, shape };
}
