import type { Caller } from '@baton/access';
import type { Route, ServingPlan } from '@baton/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { InferenceConfig } from '../config.js';
import { Endpoints } from '../plans/endpoints.js';
import type { PlanFiles } from '../plans/plan-files.js';
import type { ServedRoute } from '../plans/served-plan.js';
import { RepositoryModels } from './repository-models.js';

const admin: Caller = { keyId: 'k', name: 'a', roles: ['admin'], project: null, clearance: null };
const stranger: Caller = { ...admin, project: 'elsewhere' };
const routeOf = (version: number) => ({ deployment: `d-${version}`, version, digest: `f-${version}` }) as Route;
const planOf = (endpoint: string, revision: number, ...routes: Route[]) =>
  ({ endpoint, project: 'default', revision, routes }) as ServingPlan;
/** A model that is loaded until it is evicted. */
class FakeModel {
  isLoaded = true;

  ensure(): Promise<void> {
    this.isLoaded = true;
    return Promise.resolve();
  }

  evict(): Promise<void> {
    this.isLoaded = false;
    return Promise.resolve();
  }
}

const served = (plan: ServingPlan, model = new FakeModel()) => ({
  plan,
  routes: plan.routes.map((route) => ({ route, model: model as unknown as ServedRoute['model'] })),
});

let endpoints: Endpoints;
let models: RepositoryModels;

beforeEach(() => {
  endpoints = new Endpoints({ write: () => undefined, remove: () => undefined } as unknown as PlanFiles);
  models = new RepositoryModels(endpoints, Object.assign(new InferenceConfig(), { requestTimeoutMs: 100 }));
});

describe('the index', () => {
  it('has every version, and how far it is', () => {
    const [one, two, three] = [routeOf(1), routeOf(2), routeOf(3)];
    endpoints.want(planOf('iris', 1, one));
    endpoints.serve(served(planOf('iris', 1, one)));
    const next = planOf('iris', 2, two, three);
    endpoints.want(next);
    endpoints.setStuck(next, three, 'refused', 'its bytes are others');
    expect(models.index(admin)).toEqual([
      { name: 'iris', version: '2', state: 'LOADING', reason: '' },
      { name: 'iris', version: '3', state: 'UNAVAILABLE', reason: 'its bytes are others' },
      { name: 'iris', version: '1', state: 'READY', reason: '' },
    ]);
    expect(models.index(admin, true).map(({ version }) => version)).toEqual(['1']);
    expect(models.index(stranger)).toEqual([]);
  });
});

describe('load', () => {
  const plan = planOf('iris', 1, routeOf(1));

  it('waits until the plan is served', async () => {
    endpoints.want(plan);
    let isLoaded = false;
    const loading = models.load('iris', admin).then(() => (isLoaded = true));
    endpoints.want(planOf('other', 1, routeOf(1)));
    await new Promise((done) => setImmediate(done));
    expect(isLoaded).toBe(false);
    endpoints.serve(served(plan));
    await loading;
    await models.load('iris', admin);
  });

  it.each<[string, () => void, number, RegExp]>([
    ['what is not planned', () => undefined, 400, /^'iris' is not in the serving plan/],
    [
      'what is refused',
      () => endpoints.setStuck(plan, plan.routes[0] as Route, 'refused', 'a reason'),
      400,
      /a reason/,
    ],
    ['what does not come in time', () => undefined, 503, /not loaded within 100 ms/],
    ['what is withdrawn meanwhile', () => void endpoints.remove('iris'), 400, /not in the serving plan/],
  ])('does not load %s', async (what, happen, code, message) => {
    if (what !== 'what is not planned') endpoints.want(plan);
    const loading = models.load('iris', admin);
    loading.catch(() => undefined);
    happen();
    await expect(loading).rejects.toMatchObject({ status: code, message: expect.stringMatching(message) as string });
  });

  it('tells a stranger no more than of what is not there', async () => {
    endpoints.want(plan);
    await expect(models.load('iris', stranger)).rejects.toMatchObject({ status: 400 });
  });

  it.each(['config', 'file:1/model.onnx'])('takes no %s from the request', async (name) => {
    endpoints.want(plan);
    await expect(models.load('iris', admin, { [name]: 'x' })).rejects.toMatchObject({ status: 400 });
  });
});

describe('unload', () => {
  it('frees the memory until somebody loads it again', async () => {
    const plan = planOf('iris', 1, routeOf(1));
    const model = new FakeModel();
    endpoints.want(plan);
    endpoints.serve(served(plan, model));
    await models.unload('iris', admin);
    expect(model.isLoaded).toBe(false);
    expect(models.index(admin)).toMatchObject([
      { state: 'READY', reason: expect.stringContaining('asked for') as string },
    ]);
    await models.load('iris', admin);
    expect(model.isLoaded).toBe(true);
    expect(models.index(admin)).toMatchObject([{ state: 'READY', reason: '' }]);
  });

  it('is for what the caller may see in the plan', async () => {
    endpoints.want(planOf('iris', 1, routeOf(1)));
    await expect(models.unload('other', admin)).rejects.toMatchObject({ status: 400 });
    await expect(models.unload('iris', stranger)).rejects.toMatchObject({ status: 400 });
  });
});
