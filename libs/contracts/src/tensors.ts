import { IsArray, IsIn, IsInt, IsOptional, IsString, Length } from 'class-validator';
import { datatypes, type Datatype } from './vocabulary.js';

/** One input or output of a model, as its ONNX graph declares it. */
export class TensorSignature {
  @IsString()
  @Length(1, 256)
  name: string;

  @IsIn(datatypes)
  datatype: Datatype;

  /** Dimensions; -1 where the graph leaves one open. */
  @IsArray()
  @IsInt({ each: true })
  shape: number[];
}

/** One tensor of a request or an answer, as the data policy allows it to be recorded. */
export class TensorRecord extends TensorSignature {
  /** Flat, row-major. Absent where the policy logs nothing of it. 64-bit integers beyond 2^53 are strings. */
  @IsOptional()
  @IsArray()
  data?: (number | string | boolean | null)[];
}
