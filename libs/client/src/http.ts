import { tracedFetch } from '@baton/telemetry';

/** What a service says of a request it refused (RFC 9457). */
interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly code?: string;
  readonly error?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** Thrown when a service answers with an error; `code` is the service's own word for it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Thrown when a service does not answer at all. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly json?: unknown;
  readonly body?: RequestInit['body'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Milliseconds until the request is given up. */
  readonly timeoutMs?: number;
}

/** One service, spoken to with one key. */
export class ServiceClient {
  constructor(
    private readonly baseUrl: string,
    private readonly key: string,
  ) {}

  /**
   * Sends a request and reads the JSON answer; an empty answer gives undefined.
   * @throws ApiError UnreachableError
   */
  async request<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.send(path, options);
    const text = await response.text();
    if (!response.ok) throw toApiError(response, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  private async send(path: string, options: RequestOptions): Promise<Response> {
    const url = new URL(path, this.baseUrl);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = { authorization: `Bearer ${this.key}`, ...options.headers };
    if (options.json !== undefined) headers['content-type'] = 'application/json';
    const body = options.json === undefined ? options.body : JSON.stringify(options.json);
    try {
      return await tracedFetch(url, {
        method: options.method ?? 'GET',
        headers,
        body: body ?? null,
        signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
      });
    } catch (error) {
      throw new UnreachableError(`${url.origin} does not answer (${reasonOf(error)}): is the platform running?`, {
        cause: error,
      });
    }
  }
}

/** A path segment of user input. */
export function segment(value: string | number): string {
  return encodeURIComponent(String(value));
}

function toApiError(response: Response, text: string): ApiError {
  const problem = parseProblem(text);
  const fields = (problem.errors ?? []).map((error) => `\n  ${error.field}: ${error.message}`).join('');
  const detail = problem.detail ?? problem.error ?? problem.title ?? (text.slice(0, 500) || response.statusText);
  return new ApiError(response.status, problem.code ?? `http-${response.status}`, `${detail}${fields}`);
}

function parseProblem(text: string): Problem {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
