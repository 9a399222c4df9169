import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the command of a model's process is made for. */
export interface ChildLimits {
  /** Beside what Node, the runtime and the model itself need. */
  readonly memoryMb: number;
  readonly modelBytes: number;
  /** Bytes of an answer. */
  readonly maxFrameBytes: number;
}

/** What Node and the runtime map to write to, most of it never touched: code range, heaps, stacks. */
const WRITABLE_MB = 704;
/** Copies of the weights that loading and optimising may hold. */
const COPIES = 4;
const HEAP_MB = 256;

/**
 * The command line of a model's process: it cannot outlive its parent, gain rights, dump core, write a file or take
 * more memory than allowed. Where the tools for that are missing, memory is not limited, and the child itself watches
 * for its parent's end.
 */
export function childCommand({ memoryMb, modelBytes, maxFrameBytes }: ChildLimits): string[] {
  const setpriv = tool('setpriv');
  const prlimit = tool('prlimit');
  const extraMb = memoryMb + Math.ceil((COPIES * modelBytes) / 2 ** 20);
  // Not the address space: the engine reserves gigabytes of that without using them, more or less as there are.
  const data = (WRITABLE_MB + extraMb) * 2 ** 20;
  return [
    ...(setpriv ? [setpriv, '--pdeathsig=KILL', '--no-new-privs'] : []),
    ...(prlimit ? [prlimit, `--data=${data}`, '--core=0', '--fsize=0'] : []),
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    `--max-old-space-size=${HEAP_MB}`,
    '--v8-pool-size=0',
    '--expose-gc',
    program(),
    String(maxFrameBytes),
    setpriv ? '0' : '1',
  ];
}

/** In sources the program is TypeScript, which Node reads as it is. */
function program(): string {
  const compiled = fileURLToPath(new URL('./model-child.js', import.meta.url));
  return existsSync(compiled) ? compiled : fileURLToPath(new URL('./model-child.ts', import.meta.url));
}

function tool(name: string): string | undefined {
  return ['/usr/bin', '/bin'].map((folder) => `${folder}/${name}`).find((file) => existsSync(file));
}
