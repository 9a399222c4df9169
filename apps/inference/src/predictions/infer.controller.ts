import { CurrentCaller, Requires, type Caller } from '@baton/access';
import type { TensorSignature } from '@baton/contracts';
import { Public, Readiness } from '@baton/service';
import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { toJson } from '../runtime/tensors.js';
import { DataPlane, type InferenceAnswer } from './data-plane.js';
import { readInferBody } from './infer-request.js';
import { decodeInputs } from './tensor-decoding.js';

/** The Open Inference Protocol v2 over REST; its models are our endpoints. */
@Controller('v2')
export class InferController {
  constructor(
    private readonly dataPlane: DataPlane,
    private readonly readiness: Readiness,
  ) {}

  @Get()
  @Public()
  server() {
    return { name: 'baton', version: '0.1.0', extensions: [] };
  }

  @Get('health/live')
  @Public()
  live() {
    return { live: true };
  }

  @Get('health/ready')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const ready = Object.keys(await this.readiness.missing()).length === 0;
    if (!ready) void reply.status(503);
    return { ready };
  }

  @Get(['models/:name', 'models/:name/versions/:version'])
  @Requires('predictions:write')
  metadata(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
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

  @Get(['models/:name/ready', 'models/:name/versions/:version/ready'])
  @Requires('predictions:write')
  modelReady(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
    this.dataPlane.choose(this.dataPlane.served(name, caller), version);
    return { name, ready: true };
  }

  @Post(['models/:name/infer', 'models/:name/versions/:version/infer'])
  @HttpCode(200)
  @Requires('predictions:write')
  async infer(
    @Param('name') endpoint: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('version') version?: string,
  ) {
    const receivedAt = new Date();
    const { id, eventTime, inputs, outputs } = readInferBody(body);
    const answer = await this.dataPlane.infer({
      ...{ endpoint, version, caller, requestId: id, eventTime, receivedAt, outputs },
      decode: (route) => decodeInputs(inputs, route.inputs),
    });
    setHeaders(reply, answer);
    return toInferResponse(endpoint, id, answer);
  }
}

/** What every answer says of its origin. */
export function setHeaders(reply: FastifyReply, { prediction, route }: InferenceAnswer): void {
  void reply
    .header('baton-prediction-id', prediction)
    .header('baton-deployment', route.deployment)
    .header('baton-digest', route.digest);
}

function toInferResponse(endpoint: string, id: string | undefined, { prediction, route, outputs }: InferenceAnswer) {
  return {
    model_name: endpoint,
    model_version: String(route.version),
    ...(id === undefined ? {} : { id }),
    parameters: { prediction, deployment: route.deployment, digest: route.digest },
    outputs: outputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape,
      data: toJson({ datatype, data }),
    })),
  };
}

function toMetadata({ name, datatype, shape }: TensorSignature) {
  return { name, datatype, shape };
}
