import { messagingEntities } from '@baton/messaging';
import { Monitoring1700000000001 } from './migrations/0001-monitoring.js';
import { Shadows1700000000002 } from './migrations/0002-shadows.js';
import { Partition } from './partitions/partition.entity.js';
import { Watermark } from './partitions/watermark.entity.js';
import { Prediction } from './predictions/prediction.entity.js';
import { Reference } from './references/reference.entity.js';
import { ReplicaLog } from './replicas/replica-log.entity.js';
import { Deployment } from './versions/deployment.entity.js';
import { Version } from './versions/version.entity.js';
import { WindowPartRow } from './windows/window-part.entity.js';
import { Window } from './windows/window.entity.js';

/** The service's part of the database. */
export const monitoringSchema = {
  schema: 'monitoring',
  entities: [
    ...messagingEntities,
    Prediction,
    ReplicaLog,
    Partition,
    Watermark,
    Window,
    WindowPartRow,
    Reference,
    Version,
    Deployment,
  ],
  migrations: [Monitoring1700000000001, Shadows1700000000002],
};
