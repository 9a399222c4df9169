import { messagingEntities } from '@baton/messaging';
import { Alias } from './aliases/alias.entity.js';
import { KeyRow } from './keys/key.entity.js';
import { Registry0001 } from './migrations/0001-registry.js';
import { SignatureFile0002 } from './migrations/0002-signature-file.js';
import { KeyClearance0003 } from './migrations/0003-key-clearance.js';
import { Model } from './models/model.entity.js';
import { Push } from './versions/push.entity.js';
import { Version } from './versions/version.entity.js';

/** The service's part of the database. */
export const registrySchema = {
  schema: 'registry',
  entities: [...messagingEntities, Model, Version, Push, Alias, KeyRow],
  migrations: [Registry0001, SignatureFile0002, KeyClearance0003],
};
