import { readTensor, type OnnxTensor } from './tensors.js';
import { WireFormatError } from './wire-reader.js';
import { WireCursor } from './wire-cursor.js';

/** Fields of AttributeProto. */
const FIELD = { name: 1, int: 3, text: 4, tensor: 5, graph: 6, floats: 7, ints: 8, texts: 9, tensors: 10, graphs: 11 };

interface Place {
  readonly start: number;
  readonly end: number;
}

/** What is true of all attributes of a node together, whatever their names and said types. */
interface Summary {
  readonly hasSubgraph: boolean;
  /** Bytes of the longest text. */
  readonly longestText: number;
}

/** Attributes of a node, read when they are asked for: those of a forest are most of its file. */
export class Attributes {
  private readonly bytes: Buffer;
  private readonly places: Place[] = [];
  private named: Map<string, Place> | undefined;
  private summed: Summary | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  add(at: WireCursor): void {
    at.expect(2);
    this.places.push({ start: at.start, end: at.end });
  }

  has(name: string): boolean {
    return this.byName().has(name);
  }

  int(name: string): number | undefined {
    return this.one(name, FIELD.int, (at) => at.integer());
  }

  text(name: string): string | undefined {
    return this.one(name, FIELD.text, (at) => at.text());
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.one(name, FIELD.tensor, (at) => readTensor(at.message()));
  }

  /** Undefined where the attribute is missing or has none. */
  ints(name: string): number[] | undefined {
    const values: number[] = [];
    this.each(name, FIELD.ints, (at) => at.addIntegers(values));
    return values.length > 0 ? values : undefined;
  }

  texts(name: string): string[] | undefined {
    const values: string[] = [];
    this.each(name, FIELD.texts, (at) => values.push(at.text()));
    return values.length > 0 ? values : undefined;
  }

  /** Bytes of each text of a list, which may tell them apart without making thousands of strings. */
  textLengths(name: string): number[] {
    const lengths: number[] = [];
    this.each(name, FIELD.texts, (at) => lengths.push(at.end - at.start));
    return lengths;
  }

  /** How many numbers or texts a list has. */
  count(name: string): number {
    let floats = 0;
    this.each(name, FIELD.floats, (at) => (floats += at.type === 5 ? 1 + at.skipAlike() : (at.end - at.start) / 4));
    return floats || (this.ints(name)?.length ?? this.textLengths(name).length);
  }

  hasSubgraph(): boolean {
    return this.summary().hasSubgraph;
  }

  longestText(): number {
    return this.summary().longestText;
  }

  private summary(): Summary {
    this.summed ??= summaryOf(this.places.map((place) => this.cursor(place)));
    return this.summed;
  }

  /** Protobuf merges a message that comes twice, which no exporter writes and only an attacker needs. */
  private one<T>(name: string, field: number, read: (at: WireCursor) => T): T | undefined {
    const values: T[] = [];
    this.each(name, field, (at) => values.push(read(at)));
    if (values.length > 1) throw new WireFormatError(`the attribute "${name}" has two values`);
    return values[0];
  }

  private each(name: string, field: number, read: (at: WireCursor) => void): void {
    const place = this.byName().get(name);
    if (!place) return;
    const at = this.cursor(place);
    while (at.next()) {
      if (at.field === field) read(at);
      else at.skipAlike();
    }
  }

  private byName(): Map<string, Place> {
    this.named ??= new Map(this.places.map((place) => [nameOf(this.cursor(place)), place]));
    if (this.named.size !== this.places.length) throw new WireFormatError('a node has two attributes of one name');
    return this.named;
  }

  private cursor({ start, end }: Place): WireCursor {
    return new WireCursor(this.bytes, start, end);
  }
}

function nameOf(at: WireCursor): string {
  while (at.next()) {
    if (at.field === FIELD.name) return at.text();
    at.skipAlike();
  }
  return '';
}

function summaryOf(attributes: readonly WireCursor[]): Summary {
  let hasSubgraph = false;
  let longestText = 0;
  for (const at of attributes) {
    while (at.next()) {
      if (at.field === FIELD.graph || at.field === FIELD.graphs) hasSubgraph = true;
      else if (at.type === 2) longestText = Math.max(longestText, textBytes(at));
      else at.skipAlike();
    }
  }
  return { hasSubgraph, longestText };
}

function textBytes(at: WireCursor): number {
  if (at.field === FIELD.text || at.field === FIELD.texts) return at.end - at.start;
  if (at.field === FIELD.tensor || at.field === FIELD.tensors) return readTensor(at.message()).longestText;
  return 0;
}
