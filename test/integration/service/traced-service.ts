import { Database, DatabaseModule } from '@baton/database';
import { Public, ServiceConfig, type ServiceDefinition } from '@baton/service';
import { createLogger, tracedFetch } from '@baton/telemetry';
import { Controller, Get, Module, Req } from '@nestjs/common';
import {
  ClientProxyFactory,
  GrpcMethod,
  Transport,
  type ClientGrpcProxy,
  type GrpcOptions,
} from '@nestjs/microservices';
import { IsInt, IsString } from 'class-validator';
import { lastValueFrom, type Observable } from 'rxjs';

interface Words {
  readonly text: string;
}

interface Echo {
  say(words: Words): Observable<Words>;
}

const log = createLogger('chain');

const grpc = (port: number, protoPath: string): GrpcOptions => ({
  transport: Transport.GRPC,
  options: {
    package: 'echo',
    protoPath,
    url: `127.0.0.1:${port}`,
  },
});

class TracedConfig extends ServiceConfig {
  override port = 0;

  @IsInt()
  grpcPort: number;

  @IsString()
  databaseUrl: string;

  @IsString()
  echoProto: string;
}

/** Calls itself over everything that carries a trace. */
@Public()
@Controller('v1')
class ChainController {
  constructor(
    private readonly database: Database,
    private readonly config: TracedConfig,
  ) {}

  @Get('chain/:link')
  async chain(@Req() request: { host: string }): Promise<{ said: string; leaf: unknown }> {
    log.info('in the chain');
    const rows = await this.database.transaction((tx) => tx.query<{ text: string }>(`select 'hello' as text`));
    const client = ClientProxyFactory.create(
      grpc(this.config.grpcPort, this.config.echoProto),
    ) as unknown as ClientGrpcProxy;
    const { text } = await lastValueFrom(client.getService<Echo>('Echo').say({ text: rows[0]?.text ?? '' }));
    client.close();
    const answer = await tracedFetch(`http://${request.host}/v1/leaf?key=hush`);
    return { said: text, leaf: await answer.json() };
  }

  @Get('leaf')
  leaf(): { leaf: boolean } {
    return { leaf: true };
  }

  @Get('broken')
  async broken(): Promise<void> {
    await this.database.transaction((tx) => tx.query('selekt 1'));
  }

  @GrpcMethod('Echo', 'Say')
  say(words: Words): Words {
    return words;
  }
}

@Module({})
class TracedModule {}

export const tracedService: ServiceDefinition<TracedConfig> = {
  name: 'traced',
  config: TracedConfig,
  module: (config) => ({
    module: TracedModule,
    imports: [DatabaseModule.forService({ url: config.databaseUrl, schema: 'traced', entities: [], migrations: [] })],
    controllers: [ChainController],
    providers: [{ provide: TracedConfig, useValue: config }],
  }),
  prepare: (app, { grpcPort, echoProto }) => {
    app.connectMicroservice<GrpcOptions>(grpc(grpcPort, echoProto));
    return Promise.resolve();
  },
};
