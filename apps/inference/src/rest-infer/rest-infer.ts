import { Gatekeeper, type Caller } from '@baton/access';
import type { Route } from '@baton/contracts';
import { ErrorMapper, Readiness, type ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { InferenceConfig } from '../config.js';
import { DataPlane } from '../predictions/data-plane.js';
import { AnswerTemplate } from './answer-template.js';
import type { InferHead } from './infer-head.js';
import { InferTargets } from './infer-target.js';
import { NodeWire } from './node-wire.js';
import { PlainHeads } from './plain-head.js';
import { PlainHttp } from './plain-http.js';
import { RestExchange } from './rest-exchange.js';
import { InferScanner } from './scan-infer.js';
import { unroutable } from './unroutable.js';

const NOBODY: Caller = Object.freeze({
  keyId: 'unchecked',
  name: 'unchecked',
  roles: [],
  project: null,
  clearance: null,
});

/**
 * `POST /v2/models/{endpoint}[/versions/{version}]/infer`, straight on the HTTP server: the one route that is asked
 * tens of thousands of times a second, and that neither Nest nor Fastify could do more for than is done here.
 */
@Injectable()
export class RestInfer {
  private readonly targets = new InferTargets();
  private readonly scanners = new WeakMap<Route, InferScanner>();
  private readonly templates = new WeakMap<Route, AnswerTemplate>();

  constructor(
    readonly dataPlane: DataPlane,
    readonly errors: ErrorMapper,
    readonly config: InferenceConfig,
    private readonly gatekeeper: Gatekeeper,
    private readonly readiness: Readiness,
  ) {}

  /** Takes its requests off the server before anybody else sees them. */
  attach(server: Server): void {
    const others = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const url = request.url ?? '';
      const target = request.method === 'POST' ? this.targets.of(url) : undefined;
      if (target) return new RestExchange(this, new NodeWire(request, response), target).start();
      const problem = unroutable(url);
      if (problem) return refuse(response, problem);
      for (const other of others) other.call(server, request, response);
    });
    const heads = new PlainHeads(this.targets, this.config.maxBodyBytes);
    new PlainHttp({
      readHead: (text) => heads.of(text),
      begin: (wire, { target }) => new RestExchange(this, wire, target).start(),
      isStopping: () => this.readiness.isDraining,
    }).attach(server);
  }

  /** @throws ServiceError 401, 403 */
  letIn(connection: object, { authorization, apiKey }: InferHead): Caller {
    if (this.config.accessCheck === 'off') return NOBODY;
    if (authorization === undefined && apiKey !== undefined) {
      return this.gatekeeper.letIn({ 'x-api-key': apiKey }, 'predictions:write');
    }
    return this.gatekeeper.letInOn(connection, authorization, 'predictions:write');
  }

  scannerOf(route: Route): InferScanner {
    return remembered(this.scanners, route, () => new InferScanner(route.inputs));
  }

  templateOf(endpoint: string, route: Route): AnswerTemplate {
    return remembered(this.templates, route, () => new AnswerTemplate(endpoint, route));
  }
}

function refuse(response: ServerResponse, { status, message }: ServiceError): void {
  const body = JSON.stringify({ error: message });
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': length }).end(body);
}

function remembered<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  return made;
}
