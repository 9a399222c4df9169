import { loadPublicKey, SignatureError, verifyModelSignature, type NamedDigest } from '@baton/signing';
import { ServiceError } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryConfig } from '../config.js';
import { invalidPart, unknownSigner } from './versions.errors.js';

const log = createLogger('signers');

/** Checks model signatures against the keys that count now. */
@Injectable()
export class SignerService {
  constructor(private readonly config: RegistryConfig) {}

  /**
   * The id of the key that signed the files; undefined for a push without a signature, where that is allowed.
   * @throws ServiceError 422 `invalid-part`, `unknown-signer`, `signature-required`
   */
  async signerOf(files: readonly NamedDigest[], signatureFile: string | undefined): Promise<string | undefined> {
    if (signatureFile === undefined) {
      if (!this.config.requireSignature) return undefined;
      const detail = 'a version must be signed here: push it with a part "signature" (baton push --sign key.pem)';
      throw new ServiceError('signature-required', detail, { status: 422 });
    }
    try {
      return verifyModelSignature(await readFile(signatureFile), files, await this.trustedKeys()).keyId;
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error;
      if (error.reason === 'unknown-key') throw unknownSigner(error.message);
      throw invalidPart('signature', `${error.reason}: ${error.message}`);
    }
  }

  private async trustedKeys(): Promise<KeyObject[]> {
    const folder = this.config.trustedSignersDir;
    const names = folder ? await readdir(folder).catch(() => []) : [];
    return names
      .filter((name) => name.endsWith('.pem'))
      .flatMap((name) => {
        try {
          return [loadPublicKey(join(String(folder), name))];
        } catch (error) {
          log.error('a trusted key cannot be read and does not count', { file: name, error });
          return [];
        }
      });
  }
}
