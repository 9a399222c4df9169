import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Body, Controller, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Answer } from '../requests/question.js';
import { readRows } from '../requests/rows-request.js';
import { inputsFromRows, rowsFromOutputs } from '../requests/rows.js';
import { DataPlane } from './data-plane.js';

/** Predictions by feature name: what a person or a small service would rather write than tensors. */
@Controller('v1/endpoints')
export class PredictController {
  constructor(private readonly dataPlane: DataPlane) {}

  @Post(':endpoint/predict')
  @HttpCode(200)
  @Requires('predictions:write')
  async predict(
    @Param('endpoint') endpoint: string,
    @Body() body: unknown,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('event_time') eventTime?: string,
    @Headers('content-type') contentType?: string,
  ) {
    let count = 0;
    const answer = await this.dataPlane.infer({
      ...{ endpoint, caller, since: arrivalOf(reply) },
      read: (route) => {
        const request = readRows(body, contentType);
        count = request.rows.length;
        return { eventTime: request.eventTime ?? eventTime, inputs: inputsFromRows(request, route) };
      },
    });
    setHeaders(reply, answer);
    const { model, version, digest, deployment } = answer.route;
    const outputs = answer.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
    const rows = rowsFromOutputs(answer.outputs, count);
    return { prediction: answer.prediction, model, version, digest, deployment, outputs, rows };
  }
}

/** When the request's first bytes were here, by the process's own clock. */
function arrivalOf(reply: FastifyReply): number {
  return performance.now() - reply.elapsedTime;
}

/** What every answer says of its origin. */
function setHeaders(reply: FastifyReply, { prediction, route }: Answer): void {
  void reply
    .header('baton-prediction-id', prediction)
    .header('baton-deployment', route.deployment)
    .header('baton-digest', route.digest);
}
