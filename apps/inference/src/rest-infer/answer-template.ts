import type { Route } from '@baton/contracts';
import type { Answer } from '../requests/question.js';
import { valuesJson } from '../requests/infer-response.js';
import type { ModelTensor } from '../runtime/tensors.js';

/** The answers of one route in plain JSON, of which most is the same every time. */
export class AnswerTemplate {
  private readonly head: string;
  private readonly origin: string;
  private readonly outputs: ReadonlyMap<string, string>;
  /** Of every answer: names and values, one after the other. */
  readonly headers: readonly string[];

  constructor(endpoint: string, { version, deployment, digest, outputs }: Route) {
    this.head = `{"model_name":${JSON.stringify(endpoint)},"model_version":"${version}",`;
    this.origin = `","deployment":"${deployment}","digest":"${digest}"},"outputs":[`;
    this.outputs = new Map(
      outputs.map(({ name, datatype }) => [name, `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[`]),
    );
    this.headers = ['baton-deployment', deployment, 'baton-digest', digest];
  }

  write({ prediction, id, outputs }: Answer): string {
    const named = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
    let text = `${this.head}${named}"parameters":{"prediction":"${prediction}${this.origin}`;
    for (let index = 0; index < outputs.length; index += 1) {
      const output = outputs[index] as ModelTensor;
      const begin = this.outputs.get(output.name) ?? '';
      text += `${index === 0 ? '' : ','}${begin}${output.shape.join()}],"data":${valuesJson(output)}}`;
    }
    return `${text}]}`;
  }
}
