import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { parseJsonBody } from '../requests/json-body.js';
import { booleanOf, isRecord, parametersOf } from '../requests/request-fields.js';
import { invalidField } from '../requests/requests.errors.js';
import { RepositoryModels } from './repository-models.js';

/** The model repository extension of the Open Inference Protocol v2 over REST. */
@Controller('v2/repository')
export class RepositoryController {
  constructor(private readonly models: RepositoryModels) {}

  @Post('index')
  @HttpCode(200)
  @Requires('predictions:write')
  index(@Body() body: unknown, @CurrentCaller() caller: Caller) {
    return this.models.index(caller, booleanOf('ready', readBody(body)['ready']));
  }

  @Post('models/:name/load')
  @HttpCode(200)
  @Requires('predictions:write')
  async load(@Param('name') name: string, @Body() body: unknown, @CurrentCaller() caller: Caller) {
    await this.models.load(name, caller, parametersOf('parameters', readBody(body)['parameters']));
    return { name, load: true };
  }

  @Post('models/:name/unload')
  @HttpCode(200)
  @Requires('deployments:write')
  async unload(@Param('name') name: string, @Body() body: unknown, @CurrentCaller() caller: Caller) {
    parametersOf('parameters', readBody(body)['parameters']);
    await this.models.unload(name, caller);
    return { name, unload: true };
  }
}

/** Clients that have nothing to say send nothing. */
function readBody(body: unknown): Record<string, unknown> {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  const read = parseJsonBody(body);
  if (!isRecord(read)) throw invalidField('body', 'must be a JSON object');
  return read;
}
