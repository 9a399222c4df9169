import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Body, Controller, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { readRows } from '../requests/rows-request.js';
import { inputsFromRows, rowsFromOutputs } from '../requests/rows.js';
import { DataPlane } from './data-plane.js';
import { arrivalOf, setHeaders } from './infer.controller.js';

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
