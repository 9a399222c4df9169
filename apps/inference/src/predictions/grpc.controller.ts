import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Public, Readiness } from '@baton/service';
import { Controller, UseFilters } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import { DataPlane } from './data-plane.js';
import { GrpcErrorFilter } from './grpc-error.filter.js';
import { readGrpcRequest, toGrpcResponse, type GrpcInferRequest } from './grpc-messages.js';
import { describeModel, serverDescription } from './model-description.js';

interface ModelRequest {
  readonly name: string;
  readonly version: string;
}

const SERVICE = 'GRPCInferenceService';

/** The Open Inference Protocol v2 over gRPC; its models are our endpoints. */
@UseFilters(GrpcErrorFilter)
@Controller()
export class GrpcController {
  constructor(
    private readonly dataPlane: DataPlane,
    private readonly readiness: Readiness,
  ) {}

  @Public()
  @GrpcMethod(SERVICE, 'ServerLive')
  serverLive() {
    return { live: true };
  }

  @Public()
  @GrpcMethod(SERVICE, 'ServerReady')
  async serverReady() {
    return { ready: Object.keys(await this.readiness.missing()).length === 0 };
  }

  @Public()
  @GrpcMethod(SERVICE, 'ServerMetadata')
  serverMetadata() {
    return serverDescription;
  }

  @Requires('predictions:write')
  @GrpcMethod(SERVICE, 'ModelReady')
  modelReady(@Payload() { name, version }: ModelRequest, @CurrentCaller() caller: Caller) {
    this.dataPlane.choose(name, version, caller);
    return { ready: true };
  }

  @Requires('predictions:write')
  @GrpcMethod(SERVICE, 'ModelMetadata')
  modelMetadata(@Payload() { name, version }: ModelRequest, @CurrentCaller() caller: Caller) {
    return describeModel(this.dataPlane.choose(name, version, caller));
  }

  @Requires('predictions:write')
  @GrpcMethod(SERVICE, 'ModelInfer')
  async modelInfer(@Payload() request: GrpcInferRequest, @CurrentCaller() caller: Caller) {
    const { model_name: endpoint, model_version: version } = request;
    const answer = await this.dataPlane.infer({
      ...{ endpoint, version, caller, since: performance.now() },
      read: (route) => readGrpcRequest(request, route),
    });
    return toGrpcResponse(endpoint, answer);
  }
}
