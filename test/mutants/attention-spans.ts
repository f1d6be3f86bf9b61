import type { KernelMutants, Mutant } from './mutant.js';

// Faults in what packed rows add to the kernels of attention and rotary: the masks at both ends of a record, and which
// tiles are skipped.

const over = (kernel: string, ways: string, mutants: Mutant[]): KernelMutants => ({
  kernel,
  tests: ['ops/attention-spans.test.ts'],
  named: `packed rows: ${ways}`,
  mutants,
});

/** Faults in the range of keys of `attention_forward` and `attention_backward_dq`, which visit them in the same way. */
const keysFrom = (loop: string, lastOfTile: string): Mutant[] => [
  [
    'keys are skipped that the first query sees',
    `${loop} = firstOf(group, first);`,
    `${loop} = firstOf(group, first) + 1u;`,
  ],
  [
    'the keys begin where the last query sees the first',
    `${loop} = firstOf(group, first);`,
    `${loop} = firstOf(group, first + ${lastOfTile} - 1u);`,
  ],
  ['no tile is skipped', `${loop} = firstOf(group, first);`, `${loop} = 0u;`],
];
/** Faults in the range of queries of `attention_backward_dkv`. */
const queriesTo = (lastOfTile: string): Mutant[] => [
  [
    'the queries end where the first key is last seen',
    `endOf(group, first + ${lastOfTile} - 1u);`,
    'endOf(group, first);',
  ],
  [
    'the last query is skipped',
    `endOf(group, first + ${lastOfTile} - 1u);`,
    `max(endOf(group, first + ${lastOfTile} - 1u), 5u) - 4u;`,
  ],
  ['no tile is skipped', `endOf(group, first + ${lastOfTile} - 1u);`, 'T;'],
];

export const attentionSpanMutants: readonly KernelMutants[] = [
  over('attention_forward.blocks', 'blocks f32', [
    ["a record's first key is hidden", 'key >= vec2u(firstKeys[r])', 'key > vec2u(firstKeys[r])'],
    ['the key before the record is seen', 'key >= vec2u(firstKeys[r])', 'key + 1u >= vec2u(firstKeys[r])'],
    [
      'the spans of the first sequence',
      'spans[group.z * params.T + min(position, params.T - 1u)].x',
      'spans[min(position, params.T - 1u)].x',
    ],
    ...keysFrom('j0', 'QUERIES'),
  ]),
  over('attention_forward.quads', 'quads, ', [
    ["a record's first key is hidden", 'key >= vec4u(firstKey.z)', 'key > vec4u(firstKey.z)'],
    ['the key before the record is seen', 'key >= vec4u(firstKey.y)', 'key + 1u >= vec4u(firstKey.y)'],
    ['a tile with the start of a record is not masked', 'j < seenByAll || ', ''],
    [
      'a masked score may be the maximum',
      'var highest = vec4f(FLOOR)',
      'var highest = vec4f(LOWEST)',
      'the sums of such scores are scaled to zero by the first key that is seen',
    ],
    ...keysFrom('j', 'ROWS'),
  ]),
  over('attention_forward.matrix', 'matrix', [
    ["a record's first key is hidden", 'firstKey <= j0 + column', 'firstKey < j0 + column'],
    ['the key before the record is seen', 'firstKey <= j0 + column', 'firstKey <= j0 + column + 1u'],
    ...keysFrom('j0', 'QUERIES'),
  ]),
  over('attention_backward_dq.blocks', 'blocks f32', [
    ["a record's first key is hidden", 'key >= vec2u(firstKeys[r])', 'key > vec2u(firstKeys[r])'],
    ['the key before the record is seen', 'key >= vec2u(firstKeys[r])', 'key + 1u >= vec2u(firstKeys[r])'],
    ...keysFrom('j0', 'TILE'),
  ]),
  over('attention_backward_dq.quads', 'quads, ', [
    ["a record's first key is hidden", 'key >= vec4u(firstKey.x)', 'key > vec4u(firstKey.x)'],
    ['the key before the record is seen', 'key >= vec4u(firstKey.w)', 'key + 1u >= vec4u(firstKey.w)'],
    ['a tile with the start of a record is not masked', 'j < seenByAll || ', ''],
    ...keysFrom('j', 'ROWS'),
  ]),
  over('attention_backward_dq.matrix', 'matrix', [
    ["a record's first key is hidden", 'key >= vec4u(firstKey)', 'key > vec4u(firstKey)'],
    ['the key before the record is seen', 'key >= vec4u(firstKey)', 'key + 1u >= vec4u(firstKey)'],
    ...keysFrom('j0', 'QUERIES'),
  ]),
  over('attention_backward_dkv.blocks', 'blocks f32', [
    ["a record's last query is ignored", 'vec2u(i0 + query) < ends', 'vec2u(i0 + query + 1u) < ends'],
    ['the query past the record counts', 'vec2u(i0 + query) < ends', 'vec2u(i0 + query) <= ends'],
    [
      'the spans of the first sequence',
      'spans[group.z * params.T + min(position, params.T - 1u)].y',
      'spans[min(position, params.T - 1u)].y',
    ],
    ...queriesTo('TILE'),
  ]),
  over('attention_backward_dkv.quads', 'quads, ', [
    ["a record's last query is ignored", 'query < vec4u(end.y)', 'query + 1u < vec4u(end.y)'],
    ['the query past the record counts', 'query < vec4u(end.x)', 'query <= vec4u(end.x)'],
    ['a tile with the end of a record is not masked', '|| i + 4u > seenByAll', '|| i + 4u > T'],
    ...queriesTo('ROWS'),
  ]),
  over('attention_backward_dkv.matrix', 'matrix', [
    ["a record's last query is ignored", 'query < end;', 'query + 1u < end;'],
    ['the query past the record counts', 'query < end;', 'query <= end;'],
    ...queriesTo('KEYS'),
  ]),
  {
    kernel: 'rotary',
    tests: ['ops/rotary.test.ts'],
    named: 'packed rows',
    mutants: [
      ['positions continue across records', 'position -= spans[row].x;', ''],
      ['the spans of the first sequence', 'spans[row].x', 'spans[row % params.T].x'],
    ],
  },
  {
    kernel: 'matmul.5-matrix',
    tests: ['ops/rotary.test.ts'],
    named: 'packed rows',
    mutants: [
      ['positions continue across records', ' - spans[m].x', ''],
      ['the spans of the first sequence', 'spans[m].x', 'spans[m % params.T].x'],
    ],
  },
];
