import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel } from '../integration/inference/released-models.js';
import { closeTo, RunningInference } from '../integration/inference/running-inference.js';
import { PYTHON_VENV_TIMEOUT_MS, pythonVenv, type PythonVenv } from '../support/python-venv.js';

/** Asks as somebody does who only knows Triton's own client. Prints what came back as JSON. */
const client = `
import json, sys, urllib.parse
import numpy as np
import tritonclient.grpc as tg
import tritonclient.http as th
from tritonclient.utils import InferenceServerException

http_url, grpc_url, key, expected_file, name = sys.argv[1:6]
headers = {"authorization": "Bearer " + key}
expected = json.load(open(expected_file))
dtypes = {"FP32": np.float32, "INT64": np.int64, "BYTES": np.object_}

def infer(module, client, **options):
    inputs = []
    for t in expected["inputs"]:
        one = module.InferInput(t["name"], t["shape"], t["datatype"])
        array = np.array(t["data"], dtype=dtypes[t["datatype"]]).reshape(t["shape"])
        one.set_data_from_numpy(array, **options)
        inputs.append(one)
    outputs = [module.InferRequestedOutput(t["name"], **options) for t in expected["outputs"]]
    result = client.infer(name, inputs, outputs=outputs, headers=headers, request_id="r-1")
    plain = lambda v: v.decode() if isinstance(v, bytes) else v
    return {t["name"]: [plain(v) for v in result.as_numpy(t["name"]).flatten().tolist()] for t in expected["outputs"]}

def refused(call):
    try:
        call()
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return None

http = th.InferenceServerClient(http_url)
grpc = tg.InferenceServerClient(grpc_url)
report = {
    "http": {
        "live": http.is_server_live(),
        "ready": http.is_server_ready(),
        "model_ready": http.is_model_ready(name, headers=headers),
        "server": http.get_server_metadata(),
        "model": http.get_model_metadata(name, headers=headers),
        "infer": infer(th, http, binary_data=False),
        "unknown": refused(lambda: http.get_model_metadata("nope", headers=headers)),
    },
    "grpc": {
        "live": grpc.is_server_live(),
        "ready": grpc.is_server_ready(),
        "model_ready": grpc.is_model_ready(name, headers=headers),
        "server": grpc.get_server_metadata(as_json=True),
        "model": grpc.get_model_metadata(name, headers=headers, as_json=True),
        "infer": infer(tg, grpc),
        "unknown": refused(lambda: grpc.get_model_metadata("nope", headers=headers)),
    },
}
print(json.dumps(report))
`;

interface Report {
  live: boolean;
  ready: boolean;
  model_ready: boolean;
  server: { name: string };
  model: { name: string; versions: string[]; inputs: unknown[] };
  infer: Record<string, unknown[]>;
  unknown: [string, string];
}

let python: PythonVenv;
let baton: RunningInference;

beforeAll(async () => {
  python = await pythonVenv('tritonclient', ['tritonclient[http,grpc]==2.73.0']);
  baton = await RunningInference.start();
}, PYTHON_VENV_TIMEOUT_MS);

afterAll(() => baton?.remove());

describe('Triton’s own Python client', () => {
  it.each(['iris', 'breast_cancer', 'car_loan_v1'])('gets the right answers of %s over HTTP and gRPC', async (name) => {
    const model = testModel(name);
    await baton.deploy(name, model);
    const script = baton.file('client.py', client);
    const file = join(baton.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(model.expected));
    const key = baton.keys.predictor.authorization.replace('Bearer ', '');
    const urls = [baton.url.replace('http://', ''), `127.0.0.1:${baton.config.grpcPort}`];
    const { stdout } = await promisify(execFile)(python.python, [script, ...urls, key, file, name], {
      timeout: 60_000,
    });
    const report = JSON.parse(stdout) as { http: Report; grpc: Report };
    for (const said of [report.http, report.grpc]) {
      expect(said).toMatchObject({ live: true, ready: true, model_ready: true });
      expect(said.server.name).toBe('baton');
      expect(said.model).toMatchObject({ name, versions: ['1'] });
      expect(said.model.inputs).toHaveLength(model.inputs.length);
      for (const output of model.expected.outputs) {
        expect(closeTo(said.infer[output.name] ?? [], output.data)).toBe(true);
      }
    }
    expect(report.http.unknown[0]).toBe('404');
    expect(report.grpc.unknown[0]).toBe('StatusCode.NOT_FOUND');
  });
});
