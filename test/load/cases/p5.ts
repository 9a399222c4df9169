import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, noRecord, type BenchContext } from '../bench-context.js';
import type { Trial } from '../measure/compare.js';
import { meanOf } from '../models/made-models.js';
import type { Asking } from '../models/questions.js';
import { ratioRow } from '../ratio-row.js';
import { PythonPeer } from '../servers/peers.js';

/** A row of features, and an image of 224 × 224 pixels. */
const sizes = [
  { count: 1024, connections: 32, gain: 2 },
  { count: 150_528, connections: 8, gain: 12 },
];

/** P5: binary ≥ 2× JSON at 1,024 floats, ≥ 12× at 150,528; JSON at 150,528 floats no slower than orjson's. */
export const p5: BenchCase = { id: 'P5', title: 'binary tensors against JSON, and JSON against orjson', run };

async function run(context: BenchContext): Promise<Row[]> {
  const measured = await Promise.all(sizes.map(async (size) => ({ ...size, model: await meanOf(size.count) })));
  const space = await context.space();
  const models = measured.map(({ model }) => model);
  const endpoints: string[] = [];
  for (const model of models) endpoints.push((await deployAs(space, model)).off);
  const replica = context.replica('Baton', space, endpoints, { ...(await context.tracing(0.01)), ...noRecord });
  const peer = new PythonPeer('ASGI + orjson', 'asgi_peer', models);
  const sides = measured.map(({ model, count, connections, gain }) => {
    const trial = (name: string, on: Trial['on'], asking: Asking): Trial => {
      return {
        name: `${name}, ${count}`,
        on,
        load: (server) => context.load(server, model, { ...asking, connections }),
      };
    };
    const ours = { endpoint: `${model.name}-write`, authorization: space.predictor };
    return {
      ...{ count, connections, gain },
      json: trial('JSON', replica, ours),
      binary: trial('binary', replica, { ...ours, encoding: 'binary' }),
      orjson: trial('ASGI + orjson', peer, { endpoint: model.name }),
    };
  });
  const comparison = await context.compare(sides.flatMap(({ json, binary, orjson }) => [json, binary, orjson]));
  return sides.flatMap(({ count, connections, gain, json, binary, orjson }) => {
    const floats = `${count.toLocaleString('en')} floats, whole request, record off; ${connections} connections`;
    const isLarge = count > 100_000;
    const shared = { id: 'P5', comparison };
    return [
      ratioRow({ ...shared, what: `binary against JSON, ${floats}`, ours: binary, theirs: json, atLeast: gain }),
      ratioRow({
        ...{ ...shared, what: `JSON against JSON, ${floats}`, ours: json, theirs: orjson },
        atLeast: isLarge ? 1 : undefined,
      }),
    ];
  });
}
