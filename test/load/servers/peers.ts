import { freePorts } from '@baton/backing';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonVenv, type PythonVenv } from '../../support/python-venv.js';
import type { BenchModel } from '../models/bench-model.js';
import { repositoryPath } from '../repository.js';
import { SERVER_CORE, startPinned, type PinnedProcess } from './pinned.js';
import type { Contender, Server } from './server.js';

const START_TIMEOUT_MS = 60_000;
const SOURCES = repositoryPath('test/load/peers');

/** Exact versions, so that a ratio of today can be compared with one of tomorrow. */
const PACKAGES = [
  'fastapi==0.165.0',
  'uvicorn==0.54.0',
  'uvloop==0.23.0',
  'httptools==0.9.0',
  'orjson==3.13.0',
  'onnxruntime==1.32.0',
  'numpy==2.4.6',
  'tritonclient[grpc]==2.73.0',
  'grpcio==1.85.3',
  'protobuf==6.33.6',
];
const MLSERVER_PACKAGES = ['mlserver==1.7.1', 'uvloop==0.21.0', 'onnxruntime==1.32.0', 'numpy==2.4.6'];

/** The programs in `peers/`. */
type PeerProgram = 'fastapi_peer' | 'asgi_peer' | 'grpc_peer';

/** A server in Python, one process with one thread that works. */
export class PythonPeer implements Contender {
  constructor(
    readonly name: string,
    private readonly program: PeerProgram,
    private readonly models: readonly BenchModel[],
  ) {}

  async start(): Promise<Server> {
    const venv = await pythonVenv('bench-peers', PACKAGES);
    const probe = this.program === 'grpc_peer' ? listens : isReady;
    return startPeer(this.models, probe, (folder, port, paths) => {
      const env = { ...environment(venv), PORT: String(port), MODELS: JSON.stringify(paths) };
      return startPinned(SERVER_CORE, venv.python, [join(SOURCES, `${this.program}.py`)], { env, cwd: folder });
    });
  }
}

/** MLServer without workers of its own, which only cost it a hop on one core. */
export class MlServerPeer implements Contender {
  readonly name = 'MLServer';

  constructor(private readonly models: readonly BenchModel[]) {}

  async start(): Promise<Server> {
    const venv = await pythonVenv('bench-mlserver', MLSERVER_PACKAGES);
    const [grpcPort, metricsPort] = await freePorts(2);
    return startPeer(this.models, isReady, (folder, port, paths) => {
      const write = (file: string, value: object) => writeFileSync(join(folder, file), JSON.stringify(value));
      const ports = { http_port: port, grpc_port: grpcPort, metrics_port: metricsPort };
      write('settings.json', { host: '127.0.0.1', ...ports, parallel_workers: 0, debug: false });
      for (const [name, uri] of Object.entries(paths)) {
        mkdirSync(join(folder, name));
        const settings = { name, implementation: 'mlserver_runtime.OnnxRuntime', parameters: { uri, version: '1' } };
        write(join(name, 'model-settings.json'), settings);
      }
      const args = [venv.bin('mlserver'), 'start', folder];
      return startPinned(SERVER_CORE, venv.python, args, { env: environment(venv), cwd: folder });
    });
  }
}

async function startPeer(
  models: readonly BenchModel[],
  probe: (port: number) => Promise<boolean>,
  start: (folder: string, port: number, paths: Record<string, string>) => PinnedProcess,
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-peer-'));
  const paths = models.map(({ name, bytes }) => {
    const path = join(folder, `${name}.onnx`);
    writeFileSync(path, bytes);
    return [name, path];
  });
  const [port = 0] = await freePorts(1);
  const child = start(folder, port, Object.fromEntries(paths) as Record<string, string>);
  const stop = async () => {
    await child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await child.answering(() => probe(port), START_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, grpcPort: port, pids: [child.pid], said: () => child.said, stop };
}

function environment(venv: PythonVenv): NodeJS.ProcessEnv {
  return {
    PATH: `${venv.bin('')}:${process.env['PATH']}`,
    PYTHONPATH: SOURCES,
    OMP_NUM_THREADS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** MLServer listens before its models are loaded. */
async function isReady(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/v2/health/ready`)).ok;
}

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (isOpen: boolean) => {
      socket.destroy();
      done(isOpen);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
