import type { KernelMutants } from './mutant.js';

// Adapters without matrix units emulate them with the same tiles, loads, stores and barriers.
const mixed = ['ops/attention-mixed.test.ts'];

export const attentionMatrixMutants: readonly KernelMutants[] = [
  {
    kernel: 'attention_forward.matrix',
    tests: mixed,
    named: 'f16',
    mutants: [
      ['a query does not see itself', 'j0 + column <= query', 'j0 + column < query'],
      ['a query sees the next position', 'j0 + column <= query', 'j0 + column <= query + 1u'],
      ['scores are not scaled', 'results[row + column] * params.scale', 'results[row + column]'],
      ["maximum of only one lane's keys", 'x < KEYS; x++', 'x < OWN_KEYS; x++'],
      ['sum of only one lane', 'x < SHARE; x++', 'x < 1u; x++'],
      ['no barrier before the sums are read', 'workgroupBarrier();\n  var sum', 'var sum'],
      ['the sum is not scaled down', 'sum *= factor;', ''],
      ['the output is not scaled down', 'output[d + a][1] * factor', 'output[d + a][1]'],
      [
        'no barrier before the products are read',
        'workgroupBarrier();\n      for (var a = 0u; a < ACROSS; a++) {\n        let added',
        'for (var a = 0u; a < ACROSS; a++) {\n        let added',
      ],
      ['no barrier before the weights are read', 'workgroupBarrier();\n      var products', 'var products'],
      ['products of the step before are kept', 'products[a] = Result();', ''],
      [
        'carried: the output is not scaled down',
        '{ results[scaled + i] *= factor; }\n        workgroupBarrier();\n        output[d]',
        '{}\n        workgroupBarrier();\n        output[d]',
      ],
      [
        'carried: a risen maximum is not announced',
        'atomicStore(&risen[0], 1u)',
        'atomicStore(&risen[0], 0u)',
      ],
      ['no barrier before keys are overwritten', 'j0 += KEYS) {\n    workgroupBarrier();', 'j0 += KEYS) {'],
      ['no barrier before queries are read', 'workgroupBarrier();\n  var q:', 'var q:'],
      [
        'no barrier before keys are read',
        'workgroupBarrier();\n    for (var k = 0u; k < KEYS; k += SIZE) {\n      var s',
        'for (var k = 0u; k < KEYS; k += SIZE) {\n      var s',
      ],
      [
        'no barrier before scores are read',
        'storeResult(ownResults + k, s, lane);\n    }\n    workgroupBarrier();',
        'storeResult(ownResults + k, s, lane);\n    }',
      ],
      [
        'keys are used as values',
        'stagedRows((KEYS + k) * PITCH + SHARE * (d + a))',
        'stagedRows(k * PITCH + SHARE * (d + a))',
      ],
      ['the log-sum-exp lacks the maximum', '= reference + log(sum);', '= log(sum);'],
      [
        'no bounds check of the queries',
        'if (query < params.T && eight < HEAD_EIGHTS)',
        'if (eight < HEAD_EIGHTS)',
      ],
      [
        'no bounds check of the dimensions',
        'if (query < params.T && eight < HEAD_EIGHTS)',
        'if (query < params.T)',
      ],
      [
        'unrolled: a query does not see itself',
        '(keys <= vec4u(query));\n  return',
        '(keys < vec4u(query));\n  return',
      ],
      ['unrolled: the output is not scaled down', '${a}[1] * factor', '${a}[1]'],
      [
        'unrolled and carried: the output is not scaled down',
        '{ results[scaled + i] *= factor; }\n      workgroupBarrier();\n      output${d}',
        '{}\n      workgroupBarrier();\n      output${d}',
      ],
      ['every head reads the first', '+ part * C + group.y * HEAD_EIGHTS + eight', '+ part * C + eight'],
    ],
  },
  {
    kernel: 'attention_backward_dq.matrix',
    tests: mixed,
    named: 'f16',
    mutants: [
      ['a query does not see itself', '(key <= vec4u(query))', '(key < vec4u(query))'],
      ['delta is not subtracted', '(dP[x] - own)', 'dP[x]'],
      ['delta of only one lane', 'x < SHARE; x++', 'x < 1u; x++'],
      ['no barrier before the sums are read', 'workgroupBarrier();\n  var sum', 'var sum'],
      ['the log-sum-exp is not subtracted', 'exp(p[x] * params.scale - logSum)', 'exp(p[x] * params.scale)'],
      ['no scale', 'values[1] *= params.scale;', ''],
      ['overwrites instead of adding', 'values[1] += high(dQKV[at]);', ''],
      [
        'values are used as keys',
        'stagedRows(k * PITCH + SHARE * d)',
        'stagedRows((STEP + k) * PITCH + SHARE * d)',
      ],
      ['no barrier before keys are overwritten', 'j0 += STEP) {\n    workgroupBarrier();', 'j0 += STEP) {'],
      ['no barrier before scores are read', 'workgroupBarrier();\n      var p =', 'var p ='],
      [
        'no barrier before scores are overwritten',
        'workgroupBarrier();\n      storeResult(ownResults, dp',
        'storeResult(ownResults, dp',
      ],
      [
        'no barrier before weights are read',
        'workgroupBarrier();\n    for (var k = 0u; k < STEP; k += SIZE) {\n      let ds',
        'for (var k = 0u; k < STEP; k += SIZE) {\n      let ds',
        'on SwiftShader the end of a loop with barriers acts as a barrier',
      ],
      ['unrolled: a query does not see itself', '<= vec4u(query)) & vec4', '< vec4u(query)) & vec4'],
      ['unrolled: delta is not subtracted', '(dP[${x}] - own)', 'dP[${x}]'],
      [
        'no bounds check of the queries',
        'if (query < params.T && eight < HEAD_EIGHTS)',
        'if (eight < HEAD_EIGHTS)',
      ],
      [
        'no bounds check of the dimensions',
        'if (query < params.T && eight < HEAD_EIGHTS)',
        'if (query < params.T)',
      ],
    ],
  },
  {
    kernel: 'attention_backward_dkv.matrix',
    tests: mixed,
    named: 'f16',
    mutants: [
      ['a key is not seen by its own query', 'key <= query &&', 'key < query &&'],
      ['delta is not subtracted', '(ds[x / 4u][x % 4u] - deltas[of_step])', 'ds[x / 4u][x % 4u]'],
      ['the log-sum-exp is not subtracted', 'params.scale - logSums[of_step]', 'params.scale'],
      ['values are scaled as well', 'select(1.0, params.scale, part == 0u)', 'params.scale'],
      ['overwrites instead of adding', 'values[1] += high(dQKV[at]);', ''],
      ['score gradients are used as probabilities', 'dV[d] = multiplyAdd(p,', 'dV[d] = multiplyAdd(ds,'],
      [
        'no barrier before queries are overwritten',
        'i0 += STEP) {\n    workgroupBarrier();',
        'i0 += STEP) {',
      ],
      ['no barrier before scores are read', 'workgroupBarrier();\n      var p =', 'var p ='],
      [
        'no barrier before weights are read',
        'workgroupBarrier();\n    for (var k = 0u; k < STEP; k += SIZE) {\n      let p',
        'for (var k = 0u; k < STEP; k += SIZE) {\n      let p',
        'on SwiftShader the end of a loop with barriers acts as a barrier',
      ],
      [
        'unrolled: score gradients are used as probabilities',
        'dV${d} = multiplyAdd(p,',
        'dV${d} = multiplyAdd(ds,',
      ],
      [
        'no bounds check of the keys',
        'if (key < params.T && eight < HEAD_EIGHTS)',
        'if (eight < HEAD_EIGHTS)',
      ],
      [
        'no bounds check of the dimensions',
        'if (key < params.T && eight < HEAD_EIGHTS)',
        'if (key < params.T)',
      ],
    ],
  },
];
