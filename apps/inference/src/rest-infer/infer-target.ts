import { NAME_PATTERN } from '@baton/contracts';

/** Whom an inference request is for. */
export interface InferTarget {
  readonly endpoint: string;
  /** As the caller wrote it. */
  readonly version: string | undefined;
}

const INFER_URL = /^\/v2\/models\/([^/?]+)(?:\/versions\/([^/?]+))?\/infer\/?(?:\?|$)/;
const MAX_REMEMBERED = 10_000;
/** Ten thousand longer ones would be worth hundreds of megabytes. */
const MAX_LENGTH = 256;

/** Reads URLs, which are few and come often. */
export class InferTargets {
  private readonly known = new Map<string, InferTarget | null>();

  /** Undefined for any other URL than `/v2/models/{endpoint}[/versions/{version}]/infer`. */
  of(url: string): InferTarget | undefined {
    const known = this.known.get(url);
    if (known !== undefined) return known ?? undefined;
    const target = read(url);
    if (url.length > MAX_LENGTH) return target ?? undefined;
    // Whoever asks for ever new ones must not fill the memory.
    if (this.known.size >= MAX_REMEMBERED) this.known.clear();
    this.known.set(url, target);
    return target ?? undefined;
  }
}

function read(url: string): InferTarget | null {
  const [, name, version] = INFER_URL.exec(url) ?? [];
  if (name === undefined) return null;
  try {
    const endpoint = decodeURIComponent(name);
    // One that cannot be there is answered as one that is not.
    return { endpoint: NAME_PATTERN.test(endpoint) ? endpoint : name, version: version && decodeURIComponent(version) };
  } catch {
    return { endpoint: name, version };
  }
}
