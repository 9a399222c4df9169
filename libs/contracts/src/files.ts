import { IsInt, IsString, Length, Matches, Min } from 'class-validator';
import { DIGEST_PATTERN } from './vocabulary.js';

/** One stored file of a model version; artifacts are addressed by `digest`. */
export class FileRecord {
  @IsString()
  @Length(1, 255)
  name: string;

  /** SHA-256 of the file's bytes. */
  @Matches(DIGEST_PATTERN)
  digest: string;

  /** Bytes. */
  @IsInt()
  @Min(0)
  size: number;
}
