import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  hashFile,
  keyId,
  loadPrivateKey,
  loadPublicKey,
  rootDigest,
  signModel,
  signModelFolder,
  verifyModelFolder,
  verifyModelSignature,
  type SigstoreBundle,
} from '@baton/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonVenv, PYTHON_VENV_TIMEOUT_MS, type PythonVenv } from '../support/python-venv.js';

/** The reference tool of OpenSSF Model Signing; it imports pyOpenSSL without asking for it. */
const REQUIREMENTS = ['model-signing==1.1.1', 'pyopenssl==26.4.0'];
const TOOL_TIMEOUT_MS = 60_000;
const curves = ['P-256', 'P-384', 'P-521'] as const;

/** Names that writers of bundles order differently: by path, by code point, by UTF-16 unit. */
const folderFiles = {
  'model.onnx': 'model',
  'a/x': 'by path a/x comes first',
  'a-b/x': 'by code point a-b/x does',
  '😀.bin': 'beyond the basic plane',
  '～.bin': 'within it',
  'empty.bin': '',
  '.gitignore': 'left out at the top',
  'a/.gitignore': 'signed below it',
};

interface Keys {
  readonly privateFile: string;
  readonly publicFile: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

let venv: PythonVenv;
let work: string;
let folder: string;
let file: string;

beforeAll(async () => {
  venv = await pythonVenv('model-signing', REQUIREMENTS);
  work = await mkdtemp(join(tmpdir(), 'baton-model-signing-'));
  folder = join(work, 'rain');
  file = join(folder, 'model.onnx');
  for (const [name, text] of Object.entries(folderFiles)) await put(join(folder, name), text);
}, PYTHON_VENV_TIMEOUT_MS);
afterAll(() => rm(work, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function makeKeys(curve: string): Promise<Keys> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const [privateFile, publicFile] = [join(work, `${curve}.pem`), join(work, `${curve}.pub`)];
  await writeFile(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(publicFile, publicKey.export({ type: 'spki', format: 'pem' }));
  return { privateFile, publicFile, privateKey: loadPrivateKey(privateFile), publicKey: loadPublicKey(publicFile) };
}

/** Runs the tool; what it says is in the answer whether it succeeds or not. */
function tool(...args: string[]): Promise<{ succeeded: boolean; output: string }> {
  return new Promise((done) => {
    execFile(venv.bin('model_signing'), args, { timeout: TOOL_TIMEOUT_MS }, (error, stdout, stderr) => {
      done({ succeeded: error === null, output: stdout + stderr });
    });
  });
}

async function toolSigns(model: string, keys: Keys): Promise<string> {
  const signature = join(work, 'of-the-tool.sig');
  const signed = await tool('sign', 'key', '--private_key', keys.privateFile, '--signature', signature, model);
  expect(signed, signed.output).toMatchObject({ succeeded: true });
  return readFile(signature, 'utf8');
}

async function toolVerifies(model: string, bundle: SigstoreBundle | string, keys: Keys) {
  const signature = join(work, 'to-verify.sig');
  await writeFile(signature, typeof bundle === 'string' ? bundle : JSON.stringify(bundle));
  return tool('verify', 'key', '--public_key', keys.publicFile, '--signature', signature, model);
}

describe.each(curves)('with a key on %s', (curve) => {
  let keys: Keys;
  beforeAll(async () => {
    keys = await makeKeys(curve);
  });

  it('Baton verifies a model file that the reference tool signed', async () => {
    const bundle = await toolSigns(file, keys);
    const { digest } = await hashFile(file);
    const verified = verifyModelSignature(bundle, [{ name: 'model.onnx', digest }], [keys.publicKey]);
    expect(verified).toEqual({
      keyId: keyId(keys.publicKey),
      rootDigest: rootDigest([{ name: 'model.onnx', digest }]),
    });
    expect((JSON.parse(bundle) as SigstoreBundle).verificationMaterial.publicKey.hint).toBe(verified.keyId);
  });

  it('the reference tool verifies a model file that Baton signed', async () => {
    const { digest } = await hashFile(file);
    const bundle = signModel([{ name: 'model.onnx', digest }], 'model.onnx', keys.privateKey);
    const verified = await toolVerifies(file, bundle, keys);
    expect(verified, verified.output).toMatchObject({ succeeded: true });
  });
});

describe('a folder', () => {
  let keys: Keys;
  beforeAll(async () => {
    keys = await makeKeys('P-256');
  });

  it('that the reference tool signed is verified by Baton, though it orders files by path', async () => {
    const bundle = await toolSigns(folder, keys);
    await expect(verifyModelFolder(folder, bundle, [keys.publicKey])).resolves.toMatchObject({
      keyId: keyId(keys.publicKey),
    });
  });

  it('that Baton signed is verified by the reference tool, though Baton orders files by code point', async () => {
    const verified = await toolVerifies(folder, await signModelFolder(folder, keys.privateKey), keys);
    expect(verified, verified.output).toMatchObject({ succeeded: true });
  });
});

/** What can be tampered with: a copy of the folder, and the bundle made for it. */
interface Signed {
  readonly folder: string;
  readonly bundle: SigstoreBundle;
}
type Tamper = (signed: Signed) => Promise<SigstoreBundle> | SigstoreBundle;

function changeEnvelope({ bundle }: Signed, change: Partial<SigstoreBundle['dsseEnvelope']>): SigstoreBundle {
  return { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, ...change } };
}

function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const last = bytes.length - 1;
  bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
  return bytes.toString('base64');
}

const tampering: [string, string, Tamper][] = [
  ['a byte of a file', 'digest-mismatch', (s) => put(join(s.folder, 'model.onnx'), 'modem').then(() => s.bundle)],
  ['a file more', 'unlisted-file', (s) => put(join(s.folder, 'extra.bin'), '').then(() => s.bundle)],
  ['a file less', 'missing-file', (s) => rm(join(s.folder, 'a-b/x')).then(() => s.bundle)],
  [
    'two files exchanged',
    'digest-mismatch',
    async (s) => {
      await put(join(s.folder, 'a/x'), folderFiles['a-b/x']);
      await put(join(s.folder, 'a-b/x'), folderFiles['a/x']);
      return s.bundle;
    },
  ],
  [
    'a digest in the payload, with the file changed to match',
    'bad-signature',
    async (s) => {
      const target = join(s.folder, 'model.onnx');
      const { digest: before } = await hashFile(target);
      await put(target, 'modem');
      const { digest: after } = await hashFile(target);
      const statement = Buffer.from(s.bundle.dsseEnvelope.payload, 'base64').toString();
      return changeEnvelope(s, { payload: Buffer.from(statement.replace(before, after)).toString('base64') });
    },
  ],
  [
    'a bit of the signature',
    'bad-signature',
    (s) => {
      const [{ sig, keyid } = { sig: '', keyid: '' }] = s.bundle.dsseEnvelope.signatures;
      return changeEnvelope(s, { signatures: [{ sig: flipped(sig), keyid }] });
    },
  ],
  [
    'the hint of the key',
    'unknown-key',
    (s) => ({ ...s.bundle, verificationMaterial: { publicKey: { hint: '0'.repeat(64) }, tlogEntries: [] } }),
  ],
  ['the media type', 'unsupported', (s) => ({ ...s.bundle, mediaType: 'application/vnd.dev.sigstore.bundle+json' })],
];

describe('Baton and the reference tool both refuse', () => {
  let keys: Keys;
  let signers: Record<'Baton' | 'the tool', SigstoreBundle>;
  beforeAll(async () => {
    keys = await makeKeys('P-256');
    signers = {
      Baton: await signModelFolder(folder, keys.privateKey),
      'the tool': JSON.parse(await toolSigns(folder, keys)) as SigstoreBundle,
    };
  });

  it.each(tampering)('%s', async (_, reason, tamper) => {
    const tampered = async (bundle: SigstoreBundle): Promise<Signed> => {
      const copy = await mkdtemp(join(work, 'tampered-'));
      await cp(folder, copy, { recursive: true });
      return { folder: copy, bundle: await tamper({ folder: copy, bundle }) };
    };
    const theirs = await tampered(signers['the tool']);
    await expect(verifyModelFolder(theirs.folder, theirs.bundle, [keys.publicKey])).rejects.toMatchObject({ reason });
    const ours = await tampered(signers.Baton);
    await expect(verifyModelFolder(ours.folder, ours.bundle, [keys.publicKey])).rejects.toMatchObject({ reason });
    expect(await toolVerifies(ours.folder, ours.bundle, keys)).toMatchObject({ succeeded: false });
  });

  it('another key', async () => {
    const other = await makeKeys('P-384');
    const bundle = signers['the tool'];
    await expect(verifyModelFolder(folder, bundle, [other.publicKey])).rejects.toMatchObject({ reason: 'unknown-key' });
    expect(await toolVerifies(folder, bundle, other)).toMatchObject({ succeeded: false });
  });
});
