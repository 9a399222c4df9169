import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, Length, ValidateNested } from 'class-validator';

/** One signature of a DSSE envelope: base64 of the raw signature bytes. */
export class EnvelopeSignature {
  @IsOptional()
  @IsString()
  @Length(0, 256)
  keyid?: string | null;

  @IsString()
  @Length(1, 1024)
  sig: string;
}

/** A DSSE envelope (github.com/secure-systems-lab/dsse): a base64 payload with its signatures. */
export class SignedEnvelope {
  @IsString()
  @Length(1, 256)
  payloadType: string;

  @IsString()
  payload: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => EnvelopeSignature)
  signatures: EnvelopeSignature[];
}
