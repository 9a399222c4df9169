import { describe, expect, it } from 'vitest';
import { modelConfig } from './model-config.js';

describe('modelConfig', () => {
  it('leaves the rows of a batch out of the dimensions', () => {
    const config = modelConfig(
      'loans',
      {
        inputs: [
          { name: 'x', datatype: 'FP32', shape: [-1, 4] },
          { name: 'who', datatype: 'BYTES', shape: [-1] },
        ],
        outputs: [{ name: 'label', datatype: 'INT64', shape: [-1, -1, 3] }],
      },
      64,
    );
    expect(config).toMatchObject({
      name: 'loans',
      platform: 'onnxruntime_onnx',
      backend: 'onnxruntime',
      max_batch_size: 64,
      input: [
        { name: 'x', data_type: 'TYPE_FP32', dims: [4] },
        { name: 'who', data_type: 'TYPE_STRING', dims: [1], reshape: { shape: [] } },
      ],
      output: [{ name: 'label', data_type: 'TYPE_INT64', dims: [-1, 3] }],
    });
    expect(config.input[0]).not.toHaveProperty('reshape');
  });

  it('has no batches where the first dimension of one tensor is fixed', () => {
    const config = modelConfig(
      'one',
      {
        inputs: [{ name: 'x', datatype: 'BOOL', shape: [-1, 4] }],
        outputs: [{ name: 'sum', datatype: 'FP64', shape: [] }],
      },
      64,
    );
    expect(config).toMatchObject({
      max_batch_size: 0,
      input: [{ data_type: 'TYPE_BOOL', dims: [-1, 4] }],
      output: [{ data_type: 'TYPE_FP64', dims: [1], reshape: { shape: [] } }],
    });
  });
});
