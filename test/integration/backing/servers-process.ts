import { jarsFolder } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiledProgram } from '../../support/compiled-program.js';

const main = compiledProgram('integration/backing/servers-main.js');

export interface ServerPorts {
  readonly POSTGRES_PORT?: number;
  readonly KAFKA_PORT?: number;
  readonly CONTROLLER_PORT?: number;
}

/** A process of its own that has started servers in the folder. */
export class ServersProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly postgres: number,
    readonly kafka: number,
  ) {}

  static async start(folder: string, ports: ServerPorts): Promise<ServersProcess> {
    const texts = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, FOLDER: folder, JARS: jarsFolder(), ...texts },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { postgres = 0, kafka = 0 } = JSON.parse(line) as { postgres?: number; kafka?: number };
    return new ServersProcess(child, postgres, kafka);
  }

  /** SIGKILL: its servers live on. */
  async kill(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
