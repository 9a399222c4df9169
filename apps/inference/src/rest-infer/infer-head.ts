/** What the head of an inference request says, as far as it matters. */
export interface InferHead {
  authorization: string | undefined;
  apiKey: string | undefined;
  /** Of the body, as it is sent; undefined when it is not said. */
  contentLength: number | undefined;
  contentEncoding: string | undefined;
  acceptEncoding: string | undefined;
  /** `Inference-Header-Content-Length`, as it is written. */
  headerLength: string | undefined;
  traceparent: string | undefined;
  tracestate: string | undefined;
  stickyKey: string | undefined;
}

/**
 * Reads names and values as Node has them from the parser (`rawHeaders`). Its own object of all headers costs more than
 * decoding a small request. Lengths of names tell most of them apart.
 */
export function readHead(raw: readonly string[]): InferHead {
  const head: InferHead = {
    authorization: undefined,
    apiKey: undefined,
    contentLength: undefined,
    contentEncoding: undefined,
    acceptEncoding: undefined,
    headerLength: undefined,
    traceparent: undefined,
    tracestate: undefined,
    stickyKey: undefined,
  };
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    switch (name.length) {
      case 9:
        if (is(name, 'x-api-key')) head.apiKey ??= value;
        break;
      case 10:
        if (is(name, 'tracestate')) head.tracestate ??= value;
        break;
      case 11:
        if (is(name, 'traceparent')) head.traceparent ??= value;
        break;
      case 13:
        if (is(name, 'authorization')) head.authorization ??= value;
        break;
      case 14:
        if (is(name, 'content-length')) head.contentLength ??= Number(value);
        break;
      case 15:
        if (is(name, 'accept-encoding')) head.acceptEncoding ??= value;
        break;
      case 16:
        if (is(name, 'content-encoding')) head.contentEncoding ??= value;
        else if (is(name, 'baton-sticky-key')) head.stickyKey ??= value;
        break;
      case 31:
        if (is(name, 'inference-header-content-length')) head.headerLength ??= value;
        break;
      default:
    }
  }
  return head;
}

function is(name: string, wanted: string): boolean {
  return name === wanted || name.toLowerCase() === wanted;
}
