import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Public, Readiness } from '@baton/service';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { readInferBody } from '../requests/infer-request.js';
import { parseJsonBody } from '../requests/json-body.js';
import { binaryRefused } from '../requests/requests.errors.js';
import { decodeInputs } from '../requests/tensor-decoding.js';
import { toWireJson } from '../runtime/tensors.js';
import { DataPlane, type InferenceAnswer } from './data-plane.js';
import { describeModel, serverDescription } from './model-description.js';

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
    return serverDescription;
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

  @Get('models')
  @Requires('predictions:write')
  models(@CurrentCaller() caller: Caller) {
    return { models: this.dataPlane.visible(caller) };
  }

  @Get(['models/:name', 'models/:name/versions/:version'])
  @Requires('predictions:write')
  metadata(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
    return describeModel(this.dataPlane.choose(name, version, caller));
  }

  @Get(['models/:name/ready', 'models/:name/versions/:version/ready'])
  @Requires('predictions:write')
  modelReady(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
    this.dataPlane.choose(name, version, caller);
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
    @Headers('inference-header-content-length') binary?: string,
  ) {
    const answer = await this.dataPlane.infer({
      ...{ endpoint, version, caller, since: arrivalOf(reply) },
      read: (route) => {
        if (binary !== undefined) throw binaryRefused('inference-header-content-length');
        const { inputs, ...question } = readInferBody(parseJsonBody(body));
        return { ...question, inputs: decodeInputs(inputs, route.inputs) };
      },
    });
    setHeaders(reply, answer);
    return toInferResponse(endpoint, answer);
  }
}

/** When the request's first bytes were here, by the process's own clock. */
export function arrivalOf(reply: FastifyReply): number {
  return performance.now() - reply.elapsedTime;
}

/** What every answer says of its origin. */
export function setHeaders(reply: FastifyReply, { prediction, route }: InferenceAnswer): void {
  void reply
    .header('baton-prediction-id', prediction)
    .header('baton-deployment', route.deployment)
    .header('baton-digest', route.digest);
}

function toInferResponse(endpoint: string, { prediction, route, id, outputs }: InferenceAnswer) {
  return {
    model_name: endpoint,
    model_version: String(route.version),
    ...(id === undefined ? {} : { id }),
    parameters: { prediction, deployment: route.deployment, digest: route.digest },
    outputs: outputs.map((output) => {
      const { name, datatype, shape } = output;
      return { name, datatype, shape, data: toWireJson(output) };
    }),
  };
}
