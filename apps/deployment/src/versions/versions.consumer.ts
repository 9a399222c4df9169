import { OnEvent, type DataEvent, type EventContext } from '@baton/messaging';
import { Controller } from '@nestjs/common';
import { putAlias } from './versions.queries.js';
import { VersionsService } from './versions.service.js';

/** Listens to what the registry says. */
@Controller()
export class VersionsConsumer {
  constructor(private readonly versions: VersionsService) {}

  @OnEvent('model.registered')
  async registered({ data }: DataEvent<'model.registered'>, { tx }: EventContext): Promise<void> {
    await this.versions.register(tx, data);
  }

  @OnEvent('model.approved')
  async approved({ data }: DataEvent<'model.approved'>, { tx }: EventContext): Promise<void> {
    await this.versions.approve(tx, data);
  }

  @OnEvent('model.rejected')
  async rejected({ data }: DataEvent<'model.rejected'>, { tx }: EventContext): Promise<void> {
    await this.versions.reject(tx, data);
  }

  @OnEvent('alias.changed')
  async aliasChanged({ data }: DataEvent<'alias.changed'>, { tx }: EventContext): Promise<void> {
    await putAlias(tx, data);
  }
}
