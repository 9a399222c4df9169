import { BatonClient, readConnection } from '@baton/client';
import { LocalConfig } from '@baton/local/config';
import { startPlatform, type Platform } from '@baton/local/platform';
import { assertFree, portsFrom, type PortName } from '@baton/local/ports';
import { Progress } from '@baton/local/progress';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A whole platform for one test file: real processes, ports and a folder of its own. */
export interface TestPlatform {
  readonly home: string;
  readonly platform: Platform;
  /** As admin. */
  readonly client: BatonClient;
  stop(): Promise<void>;
}

/** Starts Postgres, Kafka and the services. What they said is printed when it fails. */
export async function startTestPlatform(): Promise<TestPlatform> {
  const home = mkdtempSync(join(tmpdir(), 'baton-e2e-'));
  const config = new LocalConfig();
  config.batonHome = home;
  config.batonPortBase = await freePortBase();
  const said: string[] = [];
  try {
    const platform = await startPlatform(config, new Progress((line) => void said.push(line)));
    const client = new BatonClient(readConnection(home));
    const stop = async () => {
      await platform.stop();
      rmSync(home, { recursive: true, force: true });
    };
    return { home, platform, client, stop };
  } catch (error) {
    throw new Error(`the platform did not start:\n${said.join('\n')}`, { cause: error });
  }
}

/** A base from which on every port that the platform uses is free. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = 10_000 + Math.floor(Math.random() * 20_000);
    const ports = portsFrom(base);
    try {
      await assertFree(ports, Object.keys(ports) as PortName[]);
      return base;
    } catch {
      continue;
    }
  }
  throw new Error('no free range of ports was found');
}
