import { canonicalJson } from './canonical-json.js';
import { parseJson, toList, toObject, toText, type JsonObject } from './json-values.js';
import { SignatureError } from './signature-error.js';

/** Media type of in-toto statements in a DSSE envelope. */
export const STATEMENT_TYPE = 'application/vnd.in-toto+json';
const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';
const MAX_STATEMENT_BYTES = 16 * 1024 * 1024;
const DIGEST = /^[0-9a-f]{64}$/;

/** An in-toto Statement v1 about one subject (github.com/in-toto/attestation, spec/v1/statement.md). */
export interface Statement {
  /** `name` is informative, `digest` (lower-case hex SHA-256) is what the statement is about. */
  readonly subject: { readonly name: string; readonly digest: string };
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

export function writeStatement({ subject, predicateType, predicate }: Statement): Buffer {
  return Buffer.from(
    canonicalJson({
      _type: STATEMENT_V1,
      subject: [{ name: subject.name, digest: { sha256: subject.digest } }],
      predicateType,
      predicate,
    }),
  );
}

/**
 * Reads a payload whose signature was verified before.
 * @param expected the one predicate that is accepted
 * @param other what to say of other predicates that are known by name
 * @throws SignatureError `malformed`, `unsupported`
 */
export function readStatement(
  { payloadType, payload }: { readonly payloadType: string; readonly payload: Buffer },
  expected: string,
  other: Readonly<Record<string, string>> = {},
): Statement {
  if (payloadType !== STATEMENT_TYPE) {
    throw new SignatureError('malformed', `the envelope holds ${payloadType}, not ${STATEMENT_TYPE}`);
  }
  const statement = toObject(parseJson(payload, 'the statement', MAX_STATEMENT_BYTES), 'the statement');
  if (statement['_type'] !== STATEMENT_V1) throw new SignatureError('malformed', 'not an in-toto Statement v1');
  const predicateType = toText(statement['predicateType'], 'predicateType');
  if (predicateType !== expected) {
    throw new SignatureError(
      'unsupported',
      other[predicateType] ?? `the predicate ${predicateType} is not ${expected}`,
    );
  }
  const [subject] = toList(statement['subject'], 'subject', [1, 1]);
  const { name, digest } = toObject(subject, 'the subject');
  return {
    subject: {
      name: toText(name, 'the name of the subject'),
      digest: toDigest(toObject(digest, 'the digest of the subject')['sha256'], 'the digest of the subject'),
    },
    predicateType,
    predicate: toObject(statement['predicate'], 'the predicate'),
  };
}

/** @throws SignatureError `malformed` when the value is not a lower-case hex SHA-256 */
export function toDigest(value: unknown, where: string): string {
  if (typeof value !== 'string' || !DIGEST.test(value)) {
    throw new SignatureError('malformed', `${where} is not a lower-case hex SHA-256`);
  }
  return value;
}
