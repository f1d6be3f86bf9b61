/** Changes to the forward attention kernel for matrix units: which of them makes it right says what is wrong with it. */

export const FORWARD = 'attention_forward.matrix';
const BRANCH = 'if (workgroupUniformLoad(&risen) != 0u) {';

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
    name: 'the branch is compiled out',
    carried: true,
    edits: [[BRANCH, 'workgroupBarrier();\n    if (false) {']],
    rises: false,
  },
  {
    name: 'the branch depends on a parameter',
    carried: true,
    edits: [[BRANCH, 'workgroupBarrier();\n    if (params.T == 0u) {']],
    rises: false,
  },
  {
    name: 'the branch is always taken',
    carried: true,
    edits: [[BRANCH, 'if (workgroupUniformLoad(&risen) < 2u) {']],
    rises: true,
  },
  {
    name: 'no matrix is loaded in the branch',
    carried: true,
    edits: [['output[d] = loadResult(ownResults, lane);', '']],
    rises: false,
  },
  {
    name: 'no matrix is stored in the branch',
    carried: true,
    edits: [
      ['storeResult(ownResults, output[d], lane);\n        workgroupBarrier();', 'workgroupBarrier();'],
    ],
    rises: false,
  },
  {
    name: 'the flag is a plain number',
    carried: true,
    edits: [
      ['risen: atomic<u32>', 'risen: u32'],
      ['atomicStore(&risen, 0u);', 'risen = 0u;'],
      ['atomicStore(&risen, 1u);', 'risen = 1u;'],
    ],
    rises: true,
  },
  {
    name: 'a barrier after the branch',
    carried: true,
    edits: [['\n    for (var k = 0u; k < KEYS; k += SIZE) {\n      let w', '\n    workgroupBarrier();\n$&']],
    rises: true,
  },
  {
    name: 'a barrier before the flag is read',
    carried: true,
    edits: [[BRANCH, `workgroupBarrier();\n    ${BRANCH}`]],
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
    edits: [['const ACROSS = KEYS / SIZE;', 'const ACROSS = 1u;']],
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
