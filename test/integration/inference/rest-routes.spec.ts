import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

let baton: RunningInference;

beforeAll(async () => {
  baton = await RunningInference.start({ requestTimeoutMs: 3000 });
  await baton.deploy('iris', testModel('iris'), {}, 3);
  await baton.deploy('hidden', testModel('iris'), { project: 'elsewhere' }, 1);
});

afterAll(() => baton.remove());

const anything = expect.anything() as unknown;
const row = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }] };
const stats = { name: 'iris', version: '3', inference_count: anything, execution_count: anything };
const config = { name: 'iris', platform: 'onnxruntime_onnx', backend: 'onnxruntime', input: [{ dims: [4] }] };
const metadata = { name: 'iris', versions: ['3'], platform: 'onnx_onnxv1' };
const ready = { name: 'iris', version: '3', state: 'READY', reason: '' };

interface Asked {
  readonly json?: unknown;
  readonly body?: string;
  readonly as?: 'nobody' | 'viewer' | 'predictor' | 'operator';
}

describe('good requests', () => {
  it.each<[string, string, unknown, Asked?]>([
    ['GET', '/v2', { name: 'baton', version: anything, extensions: anything }, { as: 'nobody' }],
    ['GET', '/v2/', { name: 'baton', version: anything, extensions: anything }, { as: 'nobody' }],
    ['GET', '/v2?x=1', { name: 'baton' }, { as: 'nobody' }],
    ['GET', '/v2/health/live', { live: true }, { as: 'nobody' }],
    ['GET', '/v2/health/ready', { live: true, ready: true }, { as: 'nobody' }],
    ['GET', '/v2/models', { models: ['iris', 'hidden'] }],
    ['GET', '/v2/models/iris', metadata],
    ['GET', '/v2/models/iris/versions/3', metadata],
    ['GET', '/v2/models/iris/ready', { name: 'iris', ready: true }],
    ['GET', '/v2/models/iris/versions/3/ready', { name: 'iris', ready: true }],
    ['GET', '/v2/models/iris/config', config],
    ['GET', '/v2/models/iris/versions/3/config', config],
    ['GET', '/v2/models/iris/stats', { model_stats: [stats] }],
    ['GET', '/v2/models/iris/versions/3/stats', { model_stats: [stats] }],
    ['GET', '/v2/models/stats', { model_stats: [stats, { name: 'hidden' }] }],
    ['POST', '/v2/models/iris/infer', { model_name: 'iris', model_version: '3' }, { json: row }],
    ['POST', '/v2/models/iris/infer?priority=1', { model_name: 'iris' }, { json: row }],
    ['POST', '/v2/models/iris/versions/3/infer', { model_version: '3' }, { json: row }],
    ['POST', '/v2/repository/index', [ready, { name: 'hidden' }], { body: '' }],
    ['POST', '/v2/repository/index', [ready, { name: 'hidden' }], { json: { ready: true } }],
    ['POST', '/v2/repository/models/iris/load', { name: 'iris', load: true }, { body: '' }],
    ['POST', '/v2/repository/models/iris/load', { load: true }, { json: { parameters: { unload_dependents: true } } }],
  ])('%s %s', async (method, path, expected, options = {}) => {
    const { status, body } = await baton.call(method, path, options);
    expect(status).toBe(200);
    expect(body).toMatchObject(expected as object);
  });
});

describe('bad requests', () => {
  it.each<[string, string, number, string, Asked?]>([
    ['GET', '/v2/models', 401, 'key', { as: 'nobody' }],
    ['GET', '/v2/models', 403, 'permission', { as: 'viewer' }],
    ['GET', '/v2/models/stats', 401, 'key', { as: 'nobody' }],
    ['GET', '/v2/models/nope', 404, 'nope'],
    ['GET', '/v2/models/nope/config', 404, 'nope'],
    ['GET', '/v2/models/nope/stats', 404, 'nope'],
    ['GET', '/v2/models/nope/ready', 404, 'nope'],
    ['GET', '/v2/models/iris/versions/4', 404, '3'],
    ['GET', '/v2/models/iris/versions/4/config', 404, '3'],
    ['GET', '/v2/models/iris/versions/x/stats', 404, '3'],
    ['GET', '/v2/nothing', 404, ''],
    ['GET', '/v2/models/iris/versions', 404, ''],
    ['POST', '/v2/models/nope/infer', 404, 'nope', { json: row }],
    ['POST', '/v2/models/iris/infer', 401, 'key', { json: row, as: 'nobody' }],
    ['POST', '/v2/repository/index', 400, 'ready', { json: { ready: 'yes' } }],
    ['POST', '/v2/repository/index', 400, 'object', { json: [] }],
    ['POST', '/v2/repository/index', 400, 'JSON', { body: '{' }],
    ['POST', '/v2/repository/index', 401, 'key', { body: '', as: 'nobody' }],
    ['POST', '/v2/repository/models/nope/load', 400, 'not in the serving plan', { body: '' }],
    ['POST', '/v2/repository/models/iris/load', 400, 'config', { json: { parameters: { config: '{}' } } }],
    ['POST', '/v2/repository/models/iris/load', 400, 'file:1/m', { json: { parameters: { 'file:1/m': '' } } }],
    ['POST', '/v2/repository/models/iris/load', 400, 'parameters', { json: { parameters: [] } }],
    ['POST', '/v2/repository/models/iris/load', 403, 'permission', { body: '', as: 'viewer' }],
    ['POST', '/v2/repository/models/iris/unload', 403, 'permission', { body: '' }],
    ['POST', '/v2/repository/models/nope/unload', 400, 'not in the serving plan', { body: '', as: 'operator' }],
  ])('%s %s is answered %i', async (method, path, status, named, options = {}) => {
    const answer = await baton.call(method, path, options);
    expect([answer.status, answer.body['error']]).toEqual([status, expect.stringContaining(named)]);
    expect(Object.keys(answer.body)).toEqual(['error']);
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  it.each([
    ['POST', '/v2', 'GET'],
    ['POST', '/v2/health/live', 'GET'],
    ['DELETE', '/v2/models/iris', 'GET'],
    ['PUT', '/v2/models/iris/infer', 'POST'],
    ['GET', '/v2/models/iris/infer', 'POST'],
    ['GET', '/v2/repository/index', 'POST'],
    ['GET', '/v2/repository/models/iris/load', 'POST'],
    ['POST', '/v2/models/iris/config', 'GET'],
  ])('%s %s is answered 405: it takes %s', async (method, path, allowed) => {
    const { status, body, headers } = await baton.call(method, path);
    expect([status, Object.keys(body), headers.get('allow')]).toEqual([405, ['error'], allowed]);
  });
});

describe('the repository', () => {
  it('frees the memory of a model, which is loaded again when it is asked for', async () => {
    const post = (path: string) => baton.call('POST', `/v2/repository/${path}`, { body: '', as: 'operator' });
    expect(await post('models/iris/unload')).toMatchObject({ status: 200, body: { name: 'iris', unload: true } });
    const reason = expect.stringContaining('not in memory') as string;
    expect((await post('index')).body).toContainEqual({ ...ready, reason });
    expect((await baton.infer('iris', row)).status).toBe(200);
    expect((await post('index')).body).toContainEqual(ready);
  });

  it('says how far a version is that is not served, and waits for it', async () => {
    const route = testModel('iris');
    baton.artifacts.keep(route.bytes);
    const load = (name: string) => baton.call('POST', `/v2/repository/models/${name}/load`, { body: '' });
    expect((await load('later')).status).toBe(400);
    await baton.deploy('later', route);
    expect((await load('later')).status).toBe(200);
  });
});
