export { BatonClient } from './baton-client.js';
export { NoConnectionError, readConnection, type Connection } from './connection.js';
export {
  DeploymentClient,
  type DeploymentResponse,
  type DeployRequest,
  type EndpointResponse,
} from './deployment-client.js';
export { ApiError, ServiceClient, UnreachableError, type RequestOptions } from './http.js';
export {
  InferenceClient,
  type InferRequest,
  type InferResponse,
  type InferTensor,
  type PredictResponse,
} from './inference-client.js';
export {
  MonitoringClient,
  type PredictionResponse,
  type WindowQuery,
  type WindowResponse,
} from './monitoring-client.js';
export {
  RegistryClient,
  type KeyResponse,
  type NewKeyResponse,
  type Page,
  type PushFiles,
  type PushOptions,
  type VersionResponse,
} from './registry-client.js';
