import { createServer, type AddressInfo } from 'node:net';
import { createAccessKey, KeyRing } from '@baton/access';
import type { Role } from '@baton/contracts';
import { createService, type RunningService } from '@baton/service';
import { credentials, loadPackageDefinition, Metadata, status, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ForgottenController,
  GreetingsConfig,
  GreetingsController,
  greetingsService,
  protoPath,
} from './greetings-service.js';

/** Nobody listens there: the guard needs nobody but its own keys. */
const NO_KAFKA = '127.0.0.1:9';

let service: RunningService;
let keys: KeyRing;
let config: GreetingsConfig;

beforeAll(async () => {
  config = Object.assign(new GreetingsConfig(), { kafkaBrokers: [NO_KAFKA], grpcPort: await freePort() });
  service = await createService(greetingsService(), config);
  keys = service.app.get(KeyRing);
});
afterAll(() => service.close());

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

/** A key that the service has, for a person with the roles. */
function keyFor(roles: Role[], more: { project?: string; expiresAt?: string } = {}): string {
  const { key, record } = createAccessKey({ name: 'Ada', roles, ...more });
  keys.put(record);
  return key;
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(`${service.url}${path}`, { method, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as object };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('a guarded route', () => {
  it('answers whoever has the permission, and knows who it is', async () => {
    const answer = await get('/greetings/rain', bearer(keyFor(['viewer'])));
    expect(answer).toMatchObject({
      status: 200,
      body: { name: 'Ada', roles: ['viewer'], project: null, clearance: null },
    });
  });

  it('takes the key from X-API-Key too', async () => {
    expect((await get('/greetings/rain', { 'x-api-key': keyFor(['viewer']) })).status).toBe(200);
  });

  it.each<[string, () => Record<string, string>]>([
    ['no key', () => ({})],
    ['an unknown key', () => bearer(createAccessKey({ name: 'Eve', roles: ['admin'] }).key)],
    ['another scheme', () => ({ authorization: `Basic ${keyFor(['viewer'])}` })],
    ['an expired key', () => bearer(keyFor(['viewer'], { expiresAt: '2020-01-01T00:00:00Z' }))],
  ])('answers %s with 401 and says what it wants', async (_, headers) => {
    const answer = await get('/greetings/rain', headers());
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated', status: 401 } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('answers a caller without the permission with 403, naming it and the roles that have it', async () => {
    const answer = await get('/greetings', bearer(keyFor(['scientist'])), 'POST');
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(answer.body).toHaveProperty('detail', expect.stringContaining('models:approve'));
    expect(answer.body).toHaveProperty('detail', expect.stringContaining('approver, admin'));
  });

  it('refuses a key from the moment it is removed', async () => {
    const key = keyFor(['viewer']);
    expect((await get('/greetings/rain', bearer(key))).status).toBe(200);
    keys.remove(key.split('_')[1] ?? '');
    expect((await get('/greetings/rain', bearer(key))).status).toBe(401);
  });

  it("answers 404 for another project's object", async () => {
    const headers = bearer(keyFor(['viewer'], { project: 'rain' }));
    expect((await get('/greetings/rain', headers)).status).toBe(200);
    expect((await get('/greetings/snow', headers)).status).toBe(404);
  });
});

describe('a public route', () => {
  it.each(['/greetings', '/livez'])('%s answers without a key', async (path) => {
    expect((await get(path)).status).toBe(200);
  });

  it('is not closed by a key that is not valid', async () => {
    expect((await get('/greetings', bearer('nonsense'))).status).toBe(200);
  });
});

describe('a gRPC method', () => {
  type Call = (
    name: { name: string },
    metadata: Metadata,
    done: (error: ServiceError | null, to?: { name: string }) => void,
  ) => void;
  let client: Client & Record<'Greet' | 'Ping', Call>;
  beforeAll(() => {
    const loaded = loadPackageDefinition(loadSync(protoPath)) as unknown as {
      greetings: { Greetings: new (url: string, c: ReturnType<typeof credentials.createInsecure>) => typeof client };
    };
    client = new loaded.greetings.Greetings(`127.0.0.1:${config.grpcPort}`, credentials.createInsecure());
  });
  afterAll(() => client.close());

  /** The greeting, or the status of the refusal. */
  function call(method: 'Greet' | 'Ping', headers: Record<string, string> = {}): Promise<string | number> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return new Promise((done) => {
      client[method]({ name: 'world' }, metadata, (error, to) => done(error?.code ?? to?.name ?? ''));
    });
  }

  it('answers whoever has the permission', async () => {
    expect(await call('Greet', bearer(keyFor(['predictor'])))).toBe('Ada');
  });

  it('refuses everybody else', async () => {
    expect(await call('Greet')).toBe(status.UNAUTHENTICATED);
    expect(await call('Greet', bearer('nonsense'))).toBe(status.UNAUTHENTICATED);
    expect(await call('Greet', bearer(keyFor(['viewer'])))).toBe(status.PERMISSION_DENIED);
  });

  it('that is public answers without a key', async () => {
    expect(await call('Ping')).toBe('world');
  });
});

describe('a service', () => {
  it('does not start with a route that nobody thought of', async () => {
    const careless = greetingsService([GreetingsController, ForgottenController]);
    const started = createService({ ...careless, prepare: undefined }, config);
    await expect(started).rejects.toMatchObject({ name: 'UndeclaredRouteError', routes: ['ForgottenController.open'] });
  });

  it('is not ready before it has read the keys, and answers all the same', async () => {
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: { missing: { 'access-keys': expect.any(String) as string } },
    });
  });
});
