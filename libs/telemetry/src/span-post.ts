import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { Agent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';

const TIMEOUT_MS = 10_000;
/** OTLP specification, "Failures": what may be sent again. */
const RETRIABLE = [429, 502, 503, 504];

/** What became of an export. */
export interface Posted {
  readonly outcome: 'sent' | 'refused' | 'later';
  readonly reason: string;
  /** Whether nothing reads the body any more. */
  readonly isBodyFree: boolean;
}

/** Posts exports to a collector over one connection that stays. */
export class SpanPost {
  private readonly url: URL;
  private readonly agent: Agent;

  constructor(
    url: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {
    this.url = new URL(url);
    const options = { keepAlive: true, maxSockets: 1 };
    this.agent = this.isSecure ? new SecureAgent(options) : new Agent(options);
  }

  /** Never throws. */
  async send(head: Buffer, spans: Buffer): Promise<Posted> {
    // Outside of any trace: exporting spans makes none.
    return context.with(ROOT_CONTEXT, () => this.post(head, spans));
  }

  /** Cuts what is on its way. */
  close(): void {
    this.agent.destroy();
  }

  private get isSecure(): boolean {
    return this.url.protocol === 'https:';
  }

  private post(head: Buffer, spans: Buffer): Promise<Posted> {
    return new Promise((done) => {
      const request = (this.isSecure ? requestHttps : requestHttp)(this.url, {
        method: 'POST',
        agent: this.agent,
        headers: {
          ...this.headers,
          'content-type': 'application/x-protobuf',
          'content-length': head.length + spans.length,
        },
      });
      const late = setTimeout(() => request.destroy(new Error(`no answer for ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
      late.unref();
      const end = (outcome: Posted['outcome'], reason: string) => {
        clearTimeout(late);
        done({ outcome, reason, isBodyFree: request.writableFinished });
      };
      request.on('error', (error) => end('later', error.message || error.name));
      request.on('response', (response) => onEnd(response, (reason) => end(...judge(response.statusCode, reason))));
      request.write(head);
      request.end(spans);
    });
  }
}

/** The body says nothing that is needed. */
function onEnd(response: IncomingMessage, done: (error?: string) => void): void {
  response.on('end', () => done());
  response.on('error', (error) => done(error.message));
  response.resume();
}

function judge(status = 0, error?: string): [Posted['outcome'], string] {
  if (status >= 200 && status < 300) return ['sent', ''];
  return [RETRIABLE.includes(status) ? 'later' : 'refused', error ?? `the collector answered ${status}`];
}
