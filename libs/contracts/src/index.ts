// The decorators of the payload classes need it, whoever imports them first.
import 'reflect-metadata';
export { AccessKey } from './access-events.js';
export {
  catalogue,
  definitionOf,
  eventTypes,
  isEventType,
  type EventDefinition,
  type EventPayload,
  type EventType,
  type ServiceName,
} from './catalogue.js';
export {
  DeploymentStep,
  EndpointPolicy,
  ReplicaReported,
  Route,
  RouteReport,
  ServingPlan,
} from './deployment-events.js';
export { fromHeaders, schemaUri, toHeaders, type BatonEvent } from './envelope.js';
export { featureCount, featureNames } from './features.js';
export { FileRecord } from './files.js';
export { isId, newId } from './ids.js';
export { AliasChanged, ModelApproved, ModelRegistered, ModelRejected, ModelVersionFact } from './model-events.js';
export { DriftDetected, FeatureDrift, IntegrityViolated, VersionWindow, WindowClosed } from './monitoring-events.js';
export { InvalidPayloadError, parsePayload } from './payloads.js';
export { PredictionLogged } from './prediction-events.js';
export { inferenceProto, modelRepositoryProto } from './protos.js';
export { EnvelopeSignature, SignedEnvelope } from './signatures.js';
export { TensorRecord, TensorSignature } from './tensors.js';
export {
  datatypes,
  deploymentStatuses,
  DIGEST_PATTERN,
  integritySubjects,
  loadStates,
  loggingPolicies,
  MAX_DATA_CLASSES,
  NAME_PATTERN,
  recordModes,
  roles,
  strategies,
  versionStatuses,
  type Datatype,
  type DeploymentStatus,
  type IntegritySubject,
  type LoadState,
  type LoggingPolicy,
  type RecordMode,
  type Role,
  type Strategy,
  type VersionStatus,
} from './vocabulary.js';
