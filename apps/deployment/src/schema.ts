import { messagingEntities } from '@baton/messaging';
import { Endpoint } from './endpoints/endpoint.entity.js';
import { Deployment0001 } from './migrations/0001-deployment.js';
import { Replica } from './replicas/replica.entity.js';
import { DeploymentStepRow } from './rollouts/deployment-step.entity.js';
import { Deployment } from './rollouts/deployment.entity.js';
import { Alias } from './versions/alias.entity.js';
import { Version } from './versions/version.entity.js';

/** The service's part of the database. */
export const deploymentSchema = {
  schema: 'deployment',
  entities: [...messagingEntities, Endpoint, Deployment, DeploymentStepRow, Replica, Version, Alias],
  migrations: [Deployment0001],
};
