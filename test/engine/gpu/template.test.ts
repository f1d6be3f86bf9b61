import { describe, expect, test } from 'vitest';
import { specialise } from '../../../src/engine/gpu/template.js';

const SOURCE = [
  'a',
  '#if F16',
  'half',
  '  #if EDGE',
  'guard',
  '  #endif',
  '#else',
  'single',
  '#endif',
  'z',
].join('\n');

const lines = (flags: Record<string, boolean>): string[] =>
  specialise(SOURCE, flags, 'k.wgsl').split('\n').filter(Boolean);

describe('specialise', () => {
  test('keeps the lines whose conditions hold, nested ones included', () => {
    expect(lines({ F16: true, EDGE: true })).toEqual(['a', 'half', 'guard', 'z']);
    expect(lines({ F16: true, EDGE: false })).toEqual(['a', 'half', 'z']);
    expect(lines({ F16: false, EDGE: true })).toEqual(['a', 'single', 'z']);
  });

  test('keeps line numbers', () => {
    const output = specialise(SOURCE, { F16: false, EDGE: false }, 'k.wgsl').split('\n');
    expect(output).toHaveLength(SOURCE.split('\n').length);
    expect(output.indexOf('single')).toBe(7);
  });

  test.each([
    ['an unknown flag', '#if MISSING\n#endif', /k\.wgsl:1: #if names the flag MISSING; known: F16/],
    ['no flag', '\n#if\n#endif', /k\.wgsl:2: #if names the flag \(none\)/],
    ['#if without end', 'x\n#if F16', /k\.wgsl:2: #if is never closed/],
    ['#else alone', '#else', /k\.wgsl:1: #else without #if/],
    ['two #else', '#if F16\n#else\n#else\n#endif', /k\.wgsl:3: #else is not expected/],
    ['an unknown directive', '#if F16\n#elif F16\n#endif', /k\.wgsl:2/],
  ])('refuses %s, naming file and line', (_name, source, message) => {
    expect(() => specialise(source, { F16: true }, 'k.wgsl')).toThrow(message);
  });
});
