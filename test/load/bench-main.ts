import { benchInference } from './inference-bench.js';
import { help } from './bench-options.js';

/* `npm run bench NAME`: what the platform costs, measured against others on this machine. */

const benches: Record<string, (args: readonly string[]) => Promise<number>> = { inference: benchInference };

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench) process.exitCode = await bench(args);
else {
  process.stdout.write(`npm run bench NAME; there is: ${Object.keys(benches).join(', ')}\n\n${help}\n`);
  process.exitCode = name === '' ? 0 : 1;
}
