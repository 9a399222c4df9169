import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Body, Controller, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { CsvError, parse } from 'csv-parse/sync';
import type { FastifyReply } from 'fastify';
import { DataPlane } from './data-plane.js';
import { setHeaders } from './infer.controller.js';
import { invalidField } from './predictions.errors.js';
import { inputsFromRows, rowsFromOutputs, type Row } from './rows.js';

interface RowsRequest {
  readonly rows: Row[];
  readonly fromText: boolean;
  readonly eventTime?: unknown;
}

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
    @Headers('baton-request-id') requestId?: string,
  ) {
    const receivedAt = new Date();
    const request = typeof body === 'string' ? fromCsv(body) : fromJson(body);
    const answer = await this.dataPlane.infer({
      ...{ endpoint, caller, requestId, receivedAt, eventTime: request.eventTime ?? eventTime },
      decode: (route) => inputsFromRows(request.rows, route, request.fromText),
    });
    setHeaders(reply, answer);
    const { model, version, digest, deployment } = answer.route;
    const rows = rowsFromOutputs(answer.outputs, request.rows.length);
    return { prediction: answer.prediction, model, version, digest, deployment, rows };
  }
}

function fromJson(body: unknown): RowsRequest {
  const { rows, eventTime } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const isRow = (row: unknown) => typeof row === 'object' && row !== null && !Array.isArray(row);
  if (!Array.isArray(rows) || !rows.every(isRow)) {
    throw invalidField('rows', 'must be a list of objects, one for each row, by feature name');
  }
  return { rows: rows as Row[], fromText: false, ...(eventTime === undefined ? {} : { eventTime }) };
}

function fromCsv(body: string): RowsRequest {
  try {
    return { rows: parse(body, { columns: true, bom: true, skip_empty_lines: true, trim: true }), fromText: true };
  } catch (error) {
    if (error instanceof CsvError) throw invalidField('body', `is no CSV table: ${error.message}`);
    throw error;
  }
}
