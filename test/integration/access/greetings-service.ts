import { AccessModule, canSee, CurrentCaller, Requires, type Caller } from '@baton/access';
import { MessagingModule } from '@baton/messaging';
import { Public, ServiceConfig, ServiceError, type ServiceDefinition } from '@baton/service';
import { status } from '@grpc/grpc-js';
import {
  Catch,
  Controller,
  Get,
  Module,
  Param,
  Post,
  UseFilters,
  type DynamicModule,
  type ExceptionFilter,
  type Type,
} from '@nestjs/common';
import { GrpcMethod, Transport, type GrpcOptions } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';

export const protoPath = new URL('./greetings.proto', import.meta.url).pathname;

export class GreetingsConfig extends ServiceConfig {
  override port = 0;
  override logLevel = 'error' as const;
  grpcPort = 0;
  kafkaBrokers: string[] = [];
  kafkaPrefix = '';
  snapshotFile?: string;
}

@Controller('greetings')
export class GreetingsController {
  @Requires('models:read')
  @Get(':project')
  greet(@Param('project') project: string, @CurrentCaller() caller: Caller): object {
    if (!canSee(caller, project))
      throw new ServiceError('not-found', `there is no project ${project}`, { status: 404 });
    return caller;
  }

  @Requires('models:approve')
  @Post()
  approve(@CurrentCaller() caller: Caller): object {
    return { by: caller.name };
  }

  @Public()
  @Get()
  hello(): object {
    return { hello: 'world' };
  }
}

/** What the guard throws, as a status of gRPC. */
@Catch(ServiceError)
class StatusFilter implements ExceptionFilter<ServiceError> {
  catch({ status: httpStatus, message }: ServiceError): Observable<never> {
    const code = httpStatus === 401 ? status.UNAUTHENTICATED : status.PERMISSION_DENIED;
    return throwError(() => ({ code, message }));
  }
}

@UseFilters(StatusFilter)
@Controller()
export class GreetingsGrpcController {
  @Requires('predictions:write')
  @GrpcMethod('Greetings', 'Greet')
  greet(_: { name: string }, @CurrentCaller() caller: Caller): { name: string } {
    return { name: caller.name };
  }

  @Public()
  @GrpcMethod('Greetings', 'Ping')
  ping(greeting: { name: string }): { name: string } {
    return greeting;
  }
}

@Controller('forgotten')
export class ForgottenController {
  @Get()
  open(): object {
    return {};
  }
}

@Module({})
class GreetingsModule {
  static of(config: GreetingsConfig, controllers: Type[]): DynamicModule {
    const { kafkaBrokers: brokers, kafkaPrefix: prefix, snapshotFile } = config;
    return {
      module: GreetingsModule,
      imports: [
        MessagingModule.forService({ service: 'inference', brokers, prefix, outbox: false }),
        AccessModule.forService({ keyring: { snapshotFile } }),
      ],
      controllers,
    };
  }
}

/** A service with guarded routes by REST and gRPC, as small as can be. */
export function greetingsService(
  controllers: Type[] = [GreetingsController, GreetingsGrpcController],
): ServiceDefinition<GreetingsConfig> {
  return {
    name: 'inference',
    config: GreetingsConfig,
    module: (config) => GreetingsModule.of(config, controllers),
    prepare: (app, config) => {
      const url = `127.0.0.1:${config.grpcPort}`;
      app.connectMicroservice<GrpcOptions>({
        transport: Transport.GRPC,
        options: { package: 'greetings', protoPath, url },
      });
      return Promise.resolve();
    },
  };
}
