import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { Public, Readiness } from '@baton/service';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataPlane } from './data-plane.js';
import { ModelDescriptions } from './model-descriptions.js';
import { serverDescription } from './model-description.js';

/** What the Open Inference Protocol v2 tells over REST of the server and of its models, which are our endpoints. */
@Controller('v2')
export class MetadataController {
  constructor(
    private readonly dataPlane: DataPlane,
    private readonly descriptions: ModelDescriptions,
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
    return { live: true, ready };
  }

  @Get('models')
  @Requires('predictions:write')
  models(@CurrentCaller() caller: Caller) {
    return { models: this.dataPlane.visible(caller) };
  }

  @Get('models/stats')
  @Requires('predictions:write')
  allStats(@CurrentCaller() caller: Caller) {
    return { model_stats: this.descriptions.allStats(caller) };
  }

  @Get(['models/:name', 'models/:name/versions/:version'])
  @Requires('predictions:write')
  metadata(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
    return this.descriptions.metadata(name, version, caller);
  }

  @Get(['models/:name/ready', 'models/:name/versions/:version/ready'])
  @Requires('predictions:write')
  modelReady(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
    this.dataPlane.choose(name, version, caller);
    return { name, ready: true };
  }

  @Get(['models/:name/config', 'models/:name/versions/:version/config'])
  @Requires('predictions:write')
  config(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
    return this.descriptions.config(name, version, caller);
  }

  @Get(['models/:name/stats', 'models/:name/versions/:version/stats'])
  @Requires('predictions:write')
  stats(@Param('name') name: string, @CurrentCaller() caller: Caller, @Param('version') version?: string) {
    return { model_stats: this.descriptions.stats(name, version, caller) };
  }
}
