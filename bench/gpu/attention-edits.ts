/** Changes to the forward attention kernel for matrix units: which of them makes it right says what is wrong with it. */

export const FORWARD = 'attention_forward.matrix';

/** A change to the text of the forward kernel. */
export interface Edit {
  name: string;
  /** Of the entry whose matrices carry the sums, or of the one in use. */
  carried: boolean;
  /** Each text occurs once. */
  edits: readonly (readonly [from: string, to: string])[];
  /** Whether the kernel still scales sums down when the maximum rises. */
  rises: boolean;
}

export const EDITS: readonly Edit[] = [
  {
    // As it was when it was wrong: whatever lies behind these four bytes begins at no multiple of 16.
    name: 'the flag takes four bytes',
    carried: true,
    edits: [
      ['risen: array<atomic<u32>, 4>', 'risen: atomic<u32>'],
      ['atomicStore(&risen[0], 0u);', 'atomicStore(&risen, 0u);'],
      ['atomicStore(&risen[0], 1u);', 'atomicStore(&risen, 1u);'],
      ['workgroupUniformLoad(&risen[0])', 'workgroupUniformLoad(&risen)'],
    ],
    rises: true,
  },
  {
    name: 'the branch is always taken',
    carried: true,
    edits: [['workgroupUniformLoad(&risen[0]) != 0u', 'workgroupUniformLoad(&risen[0]) < 2u']],
    rises: true,
  },
  {
    name: 'sums begin as zeros by assignment',
    carried: true,
    edits: [
      [
        'var output: array<Result, BLOCKS>;',
        'var output: array<Result, BLOCKS>;\n  for (var d = 0u; d < BLOCKS; d++) { output[d] = Result(); }',
      ],
    ],
    rises: true,
  },
  {
    name: 'one product at a time',
    carried: false,
    edits: [['#const ACROSS\n', 'const ACROSS = 1u;\n']],
    rises: true,
  },
  {
    name: 'the weights lie behind a barrier of their own',
    carried: false,
    edits: [['\n    for (var d = 0u; d < BLOCKS; d += ACROSS) {', '\n    workgroupBarrier();\n$&']],
    rises: true,
  },
  {
    name: 'rows of results are 192 bytes apart',
    carried: false,
    edits: [['const RESULT_PITCH = KEYS + 4u;', 'const RESULT_PITCH = KEYS + 16u;']],
    rises: true,
  },
];
