import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { PageQuery, type Page } from '@baton/service';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendArtifact } from '../artifacts/artifacts.controller.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { ModelParams } from '../models/models.dto.js';
import { DecisionsService } from './decisions.service.js';
import { UploadsService } from './uploads.service.js';
import {
  ApproveRequest,
  RejectRequest,
  toResponse,
  VersionFileParams,
  VersionParams,
  type VersionResponse,
} from './versions.dto.js';
import { VersionsService } from './versions.service.js';

@Controller('v1/models/:model/versions')
export class VersionsController {
  constructor(
    private readonly versions: VersionsService,
    private readonly uploads: UploadsService,
    private readonly decisions: DecisionsService,
    private readonly artifacts: ArtifactsService,
  ) {}

  @Post()
  @Requires('models:write')
  async push(
    @Param() { model }: ModelParams,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<VersionResponse> {
    const { version, isNew } = await this.uploads.push({ model, caller, request, idempotencyKey });
    void reply.status(isNew ? 201 : 200);
    return toResponse(version);
  }

  @Get()
  @Requires('models:read')
  list(
    @Param() { model }: ModelParams,
    @Query() query: PageQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<VersionResponse>> {
    return this.versions.list(model, query, caller);
  }

  @Get(':version')
  @Requires('models:read')
  async get(@Param() { model, version }: VersionParams, @CurrentCaller() caller: Caller): Promise<VersionResponse> {
    return toResponse(await this.versions.get(model, version, caller));
  }

  @Post(':version/approve')
  @HttpCode(200)
  @Requires('models:approve')
  async approve(
    @Param() { model, version }: VersionParams,
    @Body() { reason }: ApproveRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<VersionResponse> {
    return toResponse(await this.decisions.approve({ model, version, caller, reason }));
  }

  @Post(':version/reject')
  @HttpCode(200)
  @Requires('models:approve')
  async reject(
    @Param() { model, version }: VersionParams,
    @Body() { reason }: RejectRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<VersionResponse> {
    return toResponse(await this.decisions.reject({ model, version, caller, reason }));
  }

  @Get(':version/files/:name')
  @Requires('artifacts:read')
  async file(
    @Param() { model, version, name }: VersionFileParams,
    @CurrentCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const file = await this.versions.file(model, version, name, caller);
    sendArtifact(reply, file.digest, await this.artifacts.open(file.digest, caller));
  }
}
