import { CurrentCaller, Requires, type Caller } from '@baton/access';
import { DIGEST_PATTERN } from '@baton/contracts';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { Matches } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { ArtifactsService, type ArtifactStream } from './artifacts.service.js';

class ArtifactParams {
  @Matches(DIGEST_PATTERN, { message: 'digest must be a SHA-256 in lower-case hex' })
  digest: string;
}

@Controller('v1/artifacts')
export class ArtifactsController {
  constructor(private readonly artifacts: ArtifactsService) {}

  @Get(':digest')
  @Requires('artifacts:read')
  async get(
    @Param() { digest }: ArtifactParams,
    @CurrentCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendArtifact(reply, digest, await this.artifacts.open(digest, caller));
  }
}

/** Content-addressed bytes never change: whoever has them may keep them. */
export function sendArtifact(reply: FastifyReply, digest: string, { size, stream }: ArtifactStream): void {
  void reply
    .header('content-type', 'application/octet-stream')
    .header('content-length', String(size))
    .header('etag', `"${digest}"`)
    .header('cache-control', 'private, max-age=31536000, immutable')
    .send(stream);
}
