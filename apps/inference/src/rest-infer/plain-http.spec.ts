import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpWire } from './http-wire.js';
import { InferTargets } from './infer-target.js';
import { PlainHeads } from './plain-head.js';
import { PlainHttp } from './plain-http.js';

const MAX_BODY = 1_000_000;
const targets = new InferTargets();
const plain = (body: string, more = '') =>
  `POST /v2/models/iris/infer HTTP/1.1\r\nHost: a\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;

let server: Server;
let isStopping: boolean;
/** Requests that wait for an answer, where a test wants to give it itself. */
let held: (() => void)[] | undefined;

beforeEach(async () => {
  isStopping = false;
  held = undefined;
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => response.end(`node ${request.method} ${Buffer.concat(parts).toString()}`));
  });
  const begin = (wire: HttpWire) => {
    if (wire.head.apiKey === 'bad') return wire.answer(401, ['www-authenticate', 'Bearer'], 'who?');
    wire.collect(MAX_BODY, (body) => {
      const answer = () => wire.answer(200, ['a', 'b'], `plain ${body?.toString()}`);
      if (held || wire.head.apiKey === 'late') (held ??= []).push(answer);
      else answer();
    });
  };
  const heads = new PlainHeads(targets, MAX_BODY);
  const readHead = (text: string) => heads.of(text);
  new PlainHttp({ readHead, begin, isStopping: () => isStopping }).attach(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Everything that comes back until the text is seen as often as said, or the connection ends. */
function answersTo(send: (socket: Socket) => void, until: string, times = 1): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    const end = () => {
      socket.destroy();
      done(text);
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split(until).length > times) end();
    });
    socket.on('end', end);
    socket.on('error', failed);
    socket.on('connect', () => send(socket));
  });
}

const bodies = (text: string) =>
  [...text.matchAll(/\r\n\r\n((?:plain|node|who)[^\r]*?)(?=HTTP\/1\.1|$)/g)].map(([, body]) => body);

describe('plain requests', () => {
  it('are answered one after the other, however many come at once', async () => {
    const text = await answersTo((socket) => socket.write(plain('1') + plain('22') + plain('é')), 'plain é');
    expect(bodies(text)).toEqual(['plain 1', 'plain 22', 'plain é']);
    expect(text).toMatch(
      /^HTTP\/1\.1 200 OK\r\na: b\r\ndate: .* GMT\r\nconnection: keep-alive\r\nkeep-alive: timeout=72\r\ncontent-length: 7\r\n\r\n/,
    );
  });

  it('may have a body that comes in pieces', async () => {
    const large = 'x'.repeat(300_000);
    const text = await answersTo((socket) => {
      const bytes = Buffer.from(plain(large) + plain('after'));
      const send = (from: number) => {
        socket.write(bytes.subarray(from, from + 50_000));
        if (from < bytes.length) setImmediate(() => send(from + 50_000));
      };
      send(0);
    }, 'plain after');
    expect(bodies(text)).toEqual([`plain ${large}`, 'plain after']);
  });

  it('keep what came in one piece with the end of a large one', async () => {
    const first = plain('x'.repeat(300_000));
    const second = 'z'.repeat(40_000);
    const answered = answersTo((socket) => {
      socket.write(first.slice(0, -10_000));
      setTimeout(() => socket.write(first.slice(-10_000) + plain(second, 'X-API-Key: late\r\n')), 50);
    }, second);
    while (!held) await new Promise((done) => setImmediate(done));
    held[0]?.();
    expect(bodies(await answered)[1]).toBe(`plain ${second}`);
  });

  it('wait for their turn behind one that takes long', async () => {
    const waiting: (() => void)[] = (held = []);
    const answered = answersTo((socket) => socket.write(plain('1') + plain('2')), 'plain 2');
    while (waiting.length === 0) await new Promise((done) => setImmediate(done));
    expect(waiting).toHaveLength(1);
    held = undefined;
    waiting[0]?.();
    expect(bodies(await answered)).toEqual(['plain 1', 'plain 2']);
  });

  it('are read ahead only so far', async () => {
    const waiting: (() => void)[] = (held = []);
    const much = plain('y'.repeat(40_000)).repeat(50);
    const answered = answersTo((socket) => socket.write(plain('1') + much + plain('end')), 'plain end');
    while (waiting.length === 0) await new Promise((done) => setImmediate(done));
    await new Promise((done) => setTimeout(done, 50));
    held = undefined;
    waiting[0]?.();
    expect(bodies(await answered)).toHaveLength(52);
  });

  it('that nobody wants are skipped with their body', async () => {
    const text = await answersTo((socket) => {
      const refused = plain('not to be read', 'X-Api-Key: bad\r\n');
      socket.write(refused.slice(0, -4));
      setTimeout(() => socket.write(refused.slice(-4) + plain('next')), 20);
    }, 'plain next');
    expect(text).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\nwww-authenticate: Bearer\r\n/);
    expect(bodies(text)).toEqual(['who?', 'plain next']);
  });

  it('are the last on their connection when the server is about to stop', async () => {
    isStopping = true;
    const text = await answersTo((socket) => socket.write(plain('1')), 'never');
    expect(text).toContain('connection: close\r\n');
  });

  it('are not even begun behind that one', async () => {
    isStopping = true;
    const waiting: (() => void)[] = (held = []);
    const answered = answersTo((socket) => {
      socket.write(plain('1'));
      socket.once('data', () => socket.write(plain('2')));
    }, 'never');
    while (waiting.length === 0) await new Promise((done) => setImmediate(done));
    waiting[0]?.();
    await answered;
    expect(waiting).toHaveLength(1);
  });

  it('are answered to who has closed his side', async () => {
    const text = await answersTo((socket) => socket.end(plain('1') + plain('2')), 'never');
    expect(bodies(text)).toEqual(['plain 1', 'plain 2']);
  });

  it.each(['', plain('1')])('are not waited for where the rest of one cannot come, behind "%s"', async (before) => {
    const waiting: (() => void)[] = (held = []);
    const answered = answersTo((socket) => socket.end(before + plain('2').slice(0, -1)), 'never');
    while (before !== '' && waiting.length === 0) await new Promise((done) => setImmediate(done));
    await new Promise((done) => setTimeout(done, 20));
    waiting[0]?.();
    expect(bodies(await answered)).toEqual(before === '' ? [] : ['plain 1']);
  });

  it('have connections that are closed with the idle ones, and are not while they wait for an answer', async () => {
    const waiting: (() => void)[] = (held = []);
    const answered = answersTo((socket) => socket.write(plain('1')), 'plain 1');
    while (waiting.length === 0) await new Promise((done) => setImmediate(done));
    server.closeIdleConnections();
    waiting[0]?.();
    expect(bodies(await answered)).toEqual(['plain 1']);
    const idle = answersTo((socket) => socket.write(plain('2'), () => undefined), 'never');
    while (waiting.length === 1) await new Promise((done) => setImmediate(done));
    waiting[1]?.();
    server.closeIdleConnections();
    expect(await idle).not.toContain('never');
  });
});

describe('everything else', () => {
  it.each([
    ['another method', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'node GET '],
    [
      'a body in chunks',
      plain('', 'Transfer-Encoding: chunked\r\n').replace('Content-Length: 0\r\n', '') + '1\r\nx\r\n0\r\n\r\n',
      'node POST x',
    ],
    ['who wants to close', plain('1', 'Connection: close\r\n'), 'node POST 1'],
    ['a name in other bytes', plain('1', 'X: \xff\r\n'), 'node POST 1'],
    ['another path', plain('1').replace('/infer', '/other'), 'node POST 1'],
  ])('goes to the server of Node: %s', async (_what, request, expected) => {
    expect(bodies(await answersTo((socket) => socket.write(request, 'latin1'), expected))).toEqual([expected]);
  });

  it.each([
    ['two lengths', plain('1', 'Content-Length: 1\r\n')],
    ['a length and chunks', plain('1', 'Transfer-Encoding: chunked\r\n')],
    ['a length that is no number', plain('1').replace('Length: 1', 'Length: +1')],
    ['a folded line', plain('1', 'X: a\r\n b\r\n')],
    ['a space before the colon', plain('1', 'X : a\r\n')],
    ['no host', plain('1').replace('Host: a\r\n', '')],
    ['a line end that is none', plain('1', 'X: a\n')],
  ])('is refused by it as ever: %s', async (_what, request) => {
    expect(await answersTo((socket) => socket.write(request), 'never')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('takes the connection with it, with all that came', async () => {
    const text = await answersTo(
      (socket) => socket.write(plain('1') + 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' + plain('2')),
      'node POST 2',
    );
    expect(bodies(text.replaceAll(/Date[^\r]*\r\n/g, ''))).toEqual(['plain 1', 'node GET ', 'node POST 2']);
  });

  it('is dropped of who has closed his side', async () => {
    const waiting: (() => void)[] = (held = []);
    const answered = answersTo((socket) => socket.end(plain('1') + 'GET / HTTP'), 'never');
    while (waiting.length === 0) await new Promise((done) => setImmediate(done));
    await new Promise((done) => setTimeout(done, 20));
    waiting[0]?.();
    expect(bodies(await answered)).toEqual(['plain 1']);
  });

  it('may come in pieces', async () => {
    const text = await answersTo((socket) => {
      socket.write(plain('12').slice(0, 30));
      setTimeout(() => socket.write(plain('12').slice(30)), 20);
    }, 'node POST 12');
    expect(bodies(text)).toEqual(['node POST 12']);
  });
});
