/* What requests are made of, and what readers of them stumble over. */

export const datatypes = [
  ...['BOOL', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'FP16', 'FP32', 'FP64'],
  ...['BYTES', 'STRING', 'BF16', 'fp32', ''],
];

export const keys = [
  ...['id', 'inputs', 'outputs', 'parameters', 'name', 'datatype', 'shape', 'data', 'classification', 'rows'],
  ...['binary_data', 'binary_data_size', 'binary_data_output', 'shared_memory_region', 'shared_memory_offset'],
  ...['event_time', 'eventTime', 'timeout', 'priority', 'sequence_id', 'ready', 'config', 'file:1/model.onnx'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '', '0'],
];

export const texts = [
  ...['', ' ', '\0', '\u{fffd}', '\ud800', '\udfff x', 'é', '漢字', '\u{1f600}', '\u2028', '\ufeff', '\r\n', '"', '\\'],
  ...['NaN', 'Infinity', 'null', 'true', '0', '-1', '1e999', '../../etc/passwd', '%00', '%', '%zz', '__proto__'],
  ...['2026-01-01T00:00:00Z', '2026-02-30T25:61:61+99:99', '-271821-04-20T00:00:00Z', '+275760-09-13T00:00:00.001Z'],
  ...['label', 'probabilities', 'input', 'X', 'iris', 'loans', '40K - 60K €', 'setosa', 'INT64'],
];

export const tokens = [
  ...['0', '-0', '1', '-1', '2', '3', '4', '0.5', '255', '256', '-128', '65504', '65520', '65536'],
  ...['2147483647', '2147483648', '4294967295', '4294967296', '9007199254740991', '9007199254740993'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775809', '18446744073709551615'],
  ...['18446744073709551616', '3.4028235677973366e38', '1e39', '1e308', '1e309', '-1e999', '1e-400', '4.9e-324'],
  ...['1e15', '1e1', '1E+2', '1.', '.5', '01', '+1', '--1', '0x10', '1_000', 'NaN', '-NaN', 'Infinity', '-Infinity'],
  ...['null', 'true', 'false', 'undefined', 'nul', '[]', '{}', '""', '', ','],
  `${'9'.repeat(400)}`,
  `0.${'0'.repeat(400)}1`,
];

/** For changes of bytes in JSON and CSV. */
export const fragments = [
  ...[
    '"',
    '\\',
    '\\u0000',
    '\\ud800',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ',,',
    '[[',
    ']]',
    '[{',
    '""',
    '\n',
    '\r\n',
    '\t',
    ';',
  ],
  ...['INT64', 'UINT64', '\u{fffd}', '\ufeff', '//', '/**/', '"inputs":', '"data":[', '"shape":[', '"__proto__":{'],
  ...tokens,
];
