import { OnEvent, type DataEvent, type EventContext } from '@baton/messaging';
import { Controller } from '@nestjs/common';
import { VersionsService } from './versions.service.js';

@Controller()
export class VersionsConsumer {
  constructor(private readonly versions: VersionsService) {}

  @OnEvent('model.registered')
  registered({ data }: DataEvent<'model.registered'>, { tx }: EventContext): Promise<void> {
    return this.versions.registered(tx, data);
  }

  @OnEvent('model.approved')
  approved({ data }: DataEvent<'model.approved'>, { tx }: EventContext): Promise<void> {
    return this.versions.approved(tx, data);
  }

  @OnEvent('deployment.requested')
  requested({ data }: DataEvent<'deployment.requested'>, { tx }: EventContext): Promise<void> {
    return this.versions.deployment(tx, data, { requestedAt: data.at });
  }

  @OnEvent('deployment.completed')
  completed({ data }: DataEvent<'deployment.completed'>, { tx }: EventContext): Promise<void> {
    return this.versions.deployment(tx, data, { deployedAt: data.at });
  }
}
