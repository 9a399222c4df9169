import { AccessKey } from './access-events.js';
import { DeploymentStep, ReplicaReported, ServingPlan } from './deployment-events.js';
import { AliasChanged, ModelApproved, ModelRegistered, ModelRejected } from './model-events.js';
import { DriftDetected, IntegrityViolated, WindowClosed } from './monitoring-events.js';
import { PredictionLogged } from './prediction-events.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

/** The services that publish. */
export type ServiceName = 'registry' | 'deployment' | 'inference' | 'monitoring' | 'training';

/** One row of the catalogue. The topic has the name of the event type. */
export interface EventDefinition<P extends object> {
  /** Validated on the way out and on the way in. */
  readonly payload: new () => P;
  /** Events with one key stay in order. */
  readonly key: (payload: P) => string;
  readonly from: readonly ServiceName[];
  readonly partitions: number;
  /** Milliseconds; a compacted topic keeps the last event of each key for ever. */
  readonly retentionMs: number | 'compacted';
  readonly says: string;
}

function define<P extends object>(definition: EventDefinition<P>): EventDefinition<P> {
  return definition;
}

const deploymentStep = (says: string) =>
  define({
    payload: DeploymentStep,
    key: (step) => step.endpoint,
    from: ['deployment'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says,
  });

/** Every event of Baton: publishers, handlers, topics and schemas derive from this table. */
export const catalogue = {
  'model.registered': define({
    payload: ModelRegistered,
    key: (event) => event.model,
    from: ['registry'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says: 'a version passed admission',
  }),
  'model.approved': define({
    payload: ModelApproved,
    key: (event) => event.model,
    from: ['registry'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says: 'a second person stands for a digest; carries the release attestation',
  }),
  'model.rejected': define({
    payload: ModelRejected,
    key: (event) => event.model,
    from: ['registry'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says: 'who rejected a version, and why',
  }),
  'alias.changed': define({
    payload: AliasChanged,
    key: (event) => event.model,
    from: ['registry'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says: 'an alias moved from one version to another',
  }),
  'integrity.violated': define({
    payload: IntegrityViolated,
    key: (event) => event.subject,
    from: ['registry', 'deployment', 'inference', 'monitoring'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says: 'bytes, signature or attestation did not match, and what was refused',
  }),
  'deployment.requested': deploymentStep('somebody asked for a rollout'),
  'deployment.started': deploymentStep('the plan with the new version went out to the replicas'),
  'deployment.progressed': deploymentStep('one more replica serves the new version'),
  'deployment.completed': deploymentStep('enough replicas report the version verified and loaded'),
  'deployment.refused': deploymentStep('the version may not be deployed, or no replica would load it'),
  'serving.plan': define({
    payload: ServingPlan,
    key: (plan) => plan.endpoint,
    from: ['deployment'],
    partitions: 1,
    retentionMs: 'compacted',
    says: 'what every replica must serve now; empty when the endpoint is gone',
  }),
  'replica.reported': define({
    payload: ReplicaReported,
    key: (report) => report.replica,
    from: ['inference'],
    partitions: 3,
    retentionMs: 7 * DAY_MS,
    says: 'what a replica has loaded, verified and serves',
  }),
  'prediction.logged': define({
    payload: PredictionLogged,
    key: (prediction) => `${prediction.endpoint}/${prediction.replica}`,
    from: ['inference'],
    partitions: 6,
    retentionMs: 30 * DAY_MS,
    says: 'one prediction, answered or failed',
  }),
  'window.closed': define({
    payload: WindowClosed,
    key: (window) => window.endpoint,
    from: ['monitoring'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says: 'metrics of one event-time window per deployed version',
  }),
  'drift.detected': define({
    payload: DriftDetected,
    key: (drift) => drift.endpoint,
    from: ['monitoring'],
    partitions: 3,
    retentionMs: YEAR_MS,
    says: 'which features or outputs moved, and how far',
  }),
  'access.key': define({
    payload: AccessKey,
    key: (key) => key.id,
    from: ['registry'],
    partitions: 1,
    retentionMs: 'compacted',
    says: 'what a service needs to check a key; empty when it is revoked',
  }),
} as const;

export type EventType = keyof typeof catalogue;
export type EventPayload<T extends EventType> = InstanceType<(typeof catalogue)[T]['payload']>;

export const eventTypes = Object.keys(catalogue) as EventType[];

export function isEventType(name: string): name is EventType {
  return Object.hasOwn(catalogue, name);
}

/** The definition of an event type, with the payload's type widened to the union's common use. */
export function definitionOf<T extends EventType>(type: T): EventDefinition<EventPayload<T>> {
  return catalogue[type] as unknown as EventDefinition<EventPayload<T>>;
}
