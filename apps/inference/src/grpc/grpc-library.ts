import {
  Server,
  ServerCredentials,
  status,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { duplexPair } from 'node:stream';
import { MAX_MESSAGE_BYTES } from './infer-call.js';
import { ANSWER_HEAD, statusHeaders } from './status-headers.js';

const TYPE = 'application/grpc';
/** Of a path, in an answer. */
const MAX_QUOTED = 200;

const OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // Accounts of every call, which nobody reads.
  'grpc.enable_channelz': 0,
};

/** Streams of one connection have numbers, and those come to an end. */
const CALLS_PER_SESSION = 1_000_000;

/**
 * A server whose methods can be asked for. To a call of any other it answers without a look whether the stream is still
 * there, and the exception would end the process.
 */
class ListedServer extends Server {
  readonly paths = new Set<string>();

  override addService(service: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    for (const { path } of Object.values(service)) this.paths.add(path);
    super.addService(service, implementation);
  }
}

/** gRPC's own library: it has all calls that are not plain, and gets them over a connection within the process. */
export class GrpcLibrary {
  readonly server = new ListedServer(OPTIONS);
  private readonly injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
  private session: ClientHttp2Session | undefined;
  private calls = 0;

  /** Brings a call there, and its answer back. */
  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const refusal = this.refusal(headers);
    if (refusal) return refuse(stream, refusal);
    let inner: ClientHttp2Stream;
    try {
      inner = this.connection().request(headers);
    } catch {
      // There are headers that may come and may not be sent on, and none of them belongs to a call.
      return stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    }
    stream.pipe(inner);
    giveAnswer(inner, stream);
    stream.on('close', () => inner.close(constants.NGHTTP2_CANCEL));
    inner.on('close', () => {
      if (inner.rstCode !== constants.NGHTTP2_NO_ERROR) stream.close(inner.rstCode);
    });
    inner.on('error', () => undefined);
  }

  close(): void {
    this.session?.destroy();
    this.server.forceShutdown();
  }

  /** The answer to what is none of its calls. */
  private refusal(headers: IncomingHttpHeaders): OutgoingHttpHeaders | undefined {
    const { ':path': path = '', 'content-type': type = '' } = headers;
    if (!type.startsWith(TYPE)) return { ':status': 415 };
    if (this.server.paths.has(path)) return undefined;
    const details = `there is no method ${path.slice(0, MAX_QUOTED).toWellFormed()}`;
    return { ...ANSWER_HEAD, ...statusHeaders({ code: status.UNIMPLEMENTED, details }) };
  }

  private connection(): ClientHttp2Session {
    this.calls += 1;
    if (this.calls % CALLS_PER_SESSION === 0) this.session?.close();
    if (this.session && !this.session.closed && !this.session.destroyed) return this.session;
    const [ours, theirs] = duplexPair();
    this.injector.injectConnection(theirs);
    const session = connect('http://library', {
      createConnection: () => ours,
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    });
    session.on('error', () => undefined);
    this.session = session;
    return session;
  }
}

function refuse(stream: ServerHttp2Stream, answer: OutgoingHttpHeaders): void {
  if (stream.closed || stream.destroyed) return;
  stream.respond(answer, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}

function giveAnswer(inner: ClientHttp2Stream, stream: ServerHttp2Stream): void {
  let trailers: IncomingHttpHeaders | undefined;
  let isTheirTime = false;
  const send = (): void => {
    if (trailers && isTheirTime && !stream.closed && !stream.destroyed) stream.sendTrailers(trailers);
  };
  inner.on('response', (headers, flags) => {
    if (stream.closed || stream.destroyed) return;
    if (flags & constants.NGHTTP2_FLAG_END_STREAM) return stream.respond(headers, { endStream: true });
    stream.respond(headers, { waitForTrailers: true });
    inner.pipe(stream);
  });
  inner.on('trailers', (headers: IncomingHttpHeaders) => {
    trailers = headers;
    send();
  });
  stream.on('wantTrailers', () => {
    isTheirTime = true;
    send();
  });
}
