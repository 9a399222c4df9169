export { ConfigError, Env, loadConfig, ServiceConfig, variableName } from './config.js';
export {
  CONNECTION_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  createService,
  type RunningService,
  type ServiceDefinition,
} from './create-service.js';
export { ErrorMapper, type ErrorMap } from './error-mapper.js';
export { decodeCursor, encodeCursor, page, PageQuery, type Page } from './page.js';
export { problemOf, type ProblemBody } from './problem.js';
export { IS_PUBLIC, Public } from './public.js';
export { Readiness, type ReadinessCheck } from './readiness.js';
export { invalidRequest } from './request-validation.js';
export { ServiceError, type FieldProblem, type ServiceErrorOptions } from './service-error.js';
export { startService } from './start-service.js';
