/** An answer of HTTP/1.1, whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Thrown for bytes that are no answer. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x20-\x7e\x80-\xff\t]*)$/;
const CHUNK = /^[0-9a-fA-F]{1,8}$/;
const NOTHING = Buffer.alloc(0);

/** Reads answers strictly (RFC 9112): what a lenient client would let pass is thrown. */
export class AnswerReader {
  private parts: Buffer[] = [];
  private length = 0;
  private bytes = NOTHING;
  /** Before there are so many bytes there is no answer. */
  private wanted = 0;

  /** Between two answers, with nothing of the next. */
  get isIdle(): boolean {
    return this.bytes.length === 0 && this.parts.length === 0;
  }

  /** @throws MalformedAnswer */
  take(chunk: Buffer, onAnswer: (answer: HttpAnswer) => void): void {
    this.parts.push(chunk);
    this.length += chunk.length;
    if (this.length < this.wanted) return;
    this.join();
    for (let answer = this.next(); answer; answer = this.next()) if (answer.status >= 200) onAnswer(answer);
  }

  /** The connection has ended, which some answers end with. @throws MalformedAnswer for half an answer */
  end(onAnswer: (answer: HttpAnswer) => void): void {
    if (this.isIdle) return;
    this.join();
    const { bytes } = this;
    this.bytes = NOTHING;
    const head = headOf(bytes);
    const isUntilEnd = head && !head.headers.has('content-length') && !head.headers.has('transfer-encoding');
    if (!isUntilEnd) throw new MalformedAnswer(`the connection ended within an answer: ${quote(bytes)}`);
    onAnswer({ status: head.status, headers: head.headers, body: bytes.subarray(head.end) });
  }

  private join(): void {
    this.bytes = Buffer.concat([this.bytes, ...this.parts]);
    this.parts = [];
  }

  private next(): HttpAnswer | undefined {
    const { bytes } = this;
    if (bytes.length === 0) return undefined;
    const head = headOf(bytes);
    if (!head) return undefined;
    const { status, headers, end } = head;
    const body = status < 200 || status === 204 || status === 304 ? { body: NOTHING, end } : bodyOf(bytes, head);
    if (!body) {
      this.wanted = end + Number(headers.get('content-length') ?? 0);
      return undefined;
    }
    this.bytes = bytes.subarray(body.end);
    this.length = this.bytes.length;
    this.wanted = 0;
    return { status, headers, body: body.body };
  }
}

interface Head {
  readonly status: number;
  readonly headers: Map<string, string>;
  readonly end: number;
}

function headOf(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) {
    if (!'HTTP/1.1 '.startsWith(bytes.toString('latin1', 0, 9)))
      throw new MalformedAnswer(`no status line: ${quote(bytes)}`);
    return undefined;
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, status] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) throw new MalformedAnswer(`no status line: ${quote(bytes)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = HEADER.exec(line) ?? [];
    if (name === '') throw new MalformedAnswer(`no header: ${JSON.stringify(line.slice(0, 200))}`);
    if (headers.has(name.toLowerCase())) throw new MalformedAnswer(`the header ${name} comes twice`);
    headers.set(name.toLowerCase(), value);
  }
  return { status: Number(status), headers, end: end + 4 };
}

function bodyOf(bytes: Buffer, { headers, end: start }: Head): { body: Buffer; end: number } | undefined {
  const length = headers.get('content-length');
  const encoding = headers.get('transfer-encoding');
  if (length !== undefined && encoding !== undefined) throw new MalformedAnswer('it has two lengths');
  if (encoding !== undefined) return chunksOf(bytes, start);
  if (length === undefined) return undefined;
  if (!/^\d+$/.test(length)) throw new MalformedAnswer(`content-length ${length}`);
  const end = start + Number(length);
  return end <= bytes.length ? { body: bytes.subarray(start, end), end } : undefined;
}

function chunksOf(bytes: Buffer, start: number): { body: Buffer; end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = bytes.toString('latin1', at, line);
    if (!CHUNK.test(size)) throw new MalformedAnswer(`a chunk of ${JSON.stringify(size.slice(0, 50))} bytes`);
    const end = line + 2 + Number.parseInt(size, 16);
    if (bytes.length < end + 2) return undefined;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new MalformedAnswer('a chunk without an end');
    if (end === line + 2) return { body: Buffer.concat(chunks), end: end + 2 };
    chunks.push(bytes.subarray(line + 2, end));
    at = end + 2;
  }
}

function quote(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 300));
}
