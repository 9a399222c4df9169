/** A field that is wrong, and what it must be. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

export interface ServiceErrorOptions {
  /** HTTP status. */
  readonly status: number;
  /** The cause is outside and passes: trying again may help. */
  readonly retriable?: boolean;
  readonly cause?: unknown;
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
}

/** An error that a caller is told of. `code` is kebab-case and stable; `message` says what to do. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  readonly retriable: boolean;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: string,
    message: string,
    options: ServiceErrorOptions,
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.retriable = options.retriable ?? false;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
