import { Public, ServiceConfig, ServiceError, type ServiceDefinition } from '@baton/service';
import { Body, Controller, Get, InternalServerErrorException, Module, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsString, Min, ValidateNested } from 'class-validator';

class Part {
  @IsString()
  name: string;
}

class SizeRequest {
  @IsInt()
  @Min(1)
  size: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Part)
  parts: Part[] = [];
}

/** Answers when it is told to. */
@Public()
@Controller('v1/slow')
export class SlowController {
  private static waiting: (() => void)[] = [];

  @Get()
  async wait(): Promise<{ done: boolean }> {
    process.stdout.write('{"message":"waiting"}\n');
    await new Promise<void>((done) => SlowController.waiting.push(done));
    return { done: true };
  }

  @Post('go')
  go(): { released: number } {
    const released = SlowController.waiting.splice(0);
    released.forEach((release) => release());
    return { released: released.length };
  }

  @Post()
  take(@Body() body: SizeRequest): SizeRequest {
    return body;
  }

  @Get('broken')
  broken(@Query('how') how: string): never {
    if (how === 'away') {
      throw new ServiceError('far-away', 'later', { status: 503, retriable: true, retryAfterSeconds: 7 });
    }
    if (how === 'nest') throw new InternalServerErrorException('secret detail');
    throw new TypeError('secret detail');
  }

  @Post('crash')
  crash(@Query('how') how: string): { crashing: string } {
    setImmediate(() => {
      if (how === 'rejection') void Promise.reject(new Error('nobody handles this'));
      else throw new Error('nobody catches this');
    });
    return { crashing: how };
  }
}

@Module({})
class SlowModule {}

export class SlowConfig extends ServiceConfig {
  override port = 0;

  /** Milliseconds that its start takes. */
  @IsInt()
  @Min(0)
  startMs = 0;

  @IsString()
  databaseUrl = 'postgres://nobody@localhost/nothing';
}

export const slowService: ServiceDefinition<SlowConfig> = {
  name: 'slow',
  config: SlowConfig,
  module: () => ({ module: SlowModule, controllers: [SlowController] }),
  prepare: async (_app, { startMs }) => {
    process.stdout.write('{"message":"preparing"}\n');
    if (startMs > 0) await new Promise((done) => setTimeout(done, startMs));
  },
};
