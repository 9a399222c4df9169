import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf, cpuSeconds, machineSeconds } from '../measure/proc.js';
import { GrpcLoad } from './grpc-load.js';
import { HttpLoad } from './http-load.js';
import type { LoadResult, LoadSpec } from './load-spec.js';
import { Tally } from './tally.js';

/* The process that makes a load: told on its standard input, it answers on its standard output. */

const spec = JSON.parse(await text(process.stdin)) as LoadSpec;
const tally = new Tally(spec);
const load = spec.protocol === 'http' ? new HttpLoad(spec, tally) : new GrpcLoad(spec, tally);
load.start();
await pause(spec.warmupSeconds * 1000);

const before = readings();
tally.clear();
await pause(spec.seconds * 1000);
const counted = tally.result((performance.now() - before.now) / 1000);
const after = readings();
load.stop();

const [serverCpu, own] = [after.server - before.server, after.own - before.own];
const all = Math.max(Number.EPSILON, after.machine.total - before.machine.total);
const ours = serverCpu + own + after.besides - before.besides;
const result: LoadResult = {
  ...{ ...counted, serverCpu },
  loadBusy: own / counted.seconds,
  steal: (after.machine.steal - before.machine.steal) / all,
  foreign: Math.max(0, after.machine.busy - before.machine.busy - ours) / all,
};
process.stdout.write(JSON.stringify(result), () => process.exit());

function readings() {
  const { user, system } = process.cpuUsage();
  const now = performance.now();
  const besides = cpuOf(process.ppid);
  return { now, own: (user + system) / 1e6, server: cpuSeconds(spec.pids), besides, machine: machineSeconds() };
}
