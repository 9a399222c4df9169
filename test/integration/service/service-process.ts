import { waitFor } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { compiledProgram } from '../../support/compiled-program.js';

export const serviceProgram = (main: string) => compiledProgram(`integration/service/${main}`);

export interface LogLine {
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A service as a process of its own. */
export class ServiceProcess {
  private text = '';
  private errors = '';

  private constructor(readonly process: ChildProcess) {
    process.stdout?.on('data', (part: Buffer) => (this.text += part.toString()));
    process.stderr?.on('data', (part: Buffer) => (this.errors += part.toString()));
  }

  static start(main: string, env: NodeJS.ProcessEnv = {}): ServiceProcess {
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, [serviceProgram(main)], {
      env: { PATH, HOME, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(child);
  }

  get lines(): LogLine[] {
    const whole = this.text.slice(0, this.text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  get stderr(): string {
    return this.errors;
  }

  /** Waits for a line of its log. @throws Error when it ends without having said it */
  said(message: string): Promise<LogLine> {
    const find = () => this.lines.find((line) => line.message.includes(message));
    const what = () => `"${message}" in ${this.text}${this.errors}`;
    const atItsEnd = this.ended().then((code) => {
      const line = find();
      if (line) return line;
      throw new Error(`ended with ${code} and without ${what()}`);
    });
    return Promise.race([waitFor(find, { what, timeoutMs: 30_000 }), atItsEnd]);
  }

  async url(): Promise<string> {
    return String((await this.said(' listens'))['url']);
  }

  /** Its exit code, or the signal that ended it. */
  async ended(): Promise<number | string> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return exitCode ?? String(signalCode);
    const [code, signal] = (await once(this.process, 'close')) as [number | null, string | null];
    return code ?? String(signal);
  }
}

/** A request whose end is held back, so that it is on its way for as long as wanted. */
export class HeldRequest {
  private answer = '';

  private constructor(
    private readonly socket: Socket,
    private readonly rest: string,
  ) {
    socket.on('data', (part) => (this.answer += part.toString()));
    socket.on('error', () => undefined);
  }

  static async send(url: string, begin: string, rest: string): Promise<HeldRequest> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const request = new HeldRequest(socket, rest);
    await new Promise((done) => socket.write(begin, done));
    return request;
  }

  static post(url: string, path: string): Promise<HeldRequest> {
    const headers = 'Host: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close';
    return HeldRequest.send(url, `POST ${path} HTTP/1.1\r\n${headers}\r\n\r\n`, '{}');
  }

  static get(url: string, path: string): Promise<HeldRequest> {
    return HeldRequest.send(url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`, '\r\n');
  }

  /** Sends the rest and gives what came back until the end of the connection. */
  async finish(): Promise<string> {
    const closed = once(this.socket, 'close');
    this.socket.write(this.rest);
    await closed;
    return this.answer;
  }
}
