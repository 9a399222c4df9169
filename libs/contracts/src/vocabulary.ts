/** Tensor datatypes of the Open Inference Protocol v2. */
export const datatypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const;
export type Datatype = (typeof datatypes)[number];

/** A version's way from upload to retirement. Only an approved version may be deployed. */
export const versionStatuses = ['registered', 'approved', 'rejected', 'archived'] as const;
export type VersionStatus = (typeof versionStatuses)[number];

/** A deployment's way; the transitions between them belong to the deployment service. */
export const deploymentStatuses = ['requested', 'loading', 'completed', 'refused'] as const;
export type DeploymentStatus = (typeof deploymentStatuses)[number];

/** How traffic moves to a new version. */
export const strategies = ['immediate'] as const;
export type Strategy = (typeof strategies)[number];

/** What a replica says of one route of its plan. */
export const loadStates = ['loading', 'ready', 'refused'] as const;
export type LoadState = (typeof loadStates)[number];

/** What did not match when something was refused. */
export const integritySubjects = ['artifact', 'attestation', 'plan', 'signature'] as const;
export type IntegritySubject = (typeof integritySubjects)[number];

/** `write`: handed to the operating system before the answer leaves. `sync`: on stable storage first. */
export const recordModes = ['write', 'sync'] as const;
export type RecordMode = (typeof recordModes)[number];

/** What is logged of a feature: the value, a keyed hash of it, or nothing. */
export const loggingPolicies = ['full', 'hash', 'none'] as const;
export type LoggingPolicy = (typeof loggingPolicies)[number];

export const roles = ['viewer', 'scientist', 'approver', 'operator', 'predictor', 'auditor', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Names of models, endpoints, projects and aliases: safe in a URL, a topic key and a file name. */
export const NAME_PATTERN = /^[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?$/;

/** As many data classes an endpoint or a key may name; their names are as those of models. */
export const MAX_DATA_CLASSES = 64;

/** Lower-case hex SHA-256. */
export const DIGEST_PATTERN = /^[0-9a-f]{64}$/;
