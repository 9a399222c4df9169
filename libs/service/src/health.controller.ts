import { redactText, renderMetrics } from '@baton/telemetry';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from './public.js';
import { Readiness } from './readiness.js';

/** For machines that watch the service. */
@Public()
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** The process answers. */
  @Get('livez')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** It should get requests; 503 says what is missing. */
  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const missing = await this.readiness.missing();
    const ready = Object.keys(missing).length === 0;
    if (!ready) void reply.status(503);
    const told = Object.fromEntries(Object.entries(missing).map(([name, why]) => [name, redactText(why)]));
    return ready ? { status: 'ready' } : { status: 'not ready', missing: told };
  }

  /** Prometheus' text format, or OpenMetrics for whoever accepts it. */
  @Get('metrics')
  async metrics(@Res() reply: FastifyReply, @Headers('accept') accept?: string): Promise<void> {
    const { contentType, body } = await renderMetrics(accept);
    await reply.type(contentType).send(body);
  }
}
