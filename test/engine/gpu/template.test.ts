import { describe, expect, test } from 'vitest';
import { specialise, type KernelSource } from '../../../src/engine/gpu/template.js';

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
  specialise(SOURCE, flags, 'k.wgsl').text.split('\n').filter(Boolean);

describe('specialise', () => {
  test('keeps the lines whose conditions hold, nested ones included', () => {
    expect(lines({ F16: true, EDGE: true })).toEqual(['a', 'half', 'guard', 'z']);
    expect(lines({ F16: true, EDGE: false })).toEqual(['a', 'half', 'z']);
    expect(lines({ F16: false, EDGE: true })).toEqual(['a', 'single', 'z']);
  });

  test('keeps line numbers', () => {
    const output = specialise(SOURCE, { F16: false, EDGE: false }, 'k.wgsl').text.split('\n');
    expect(output).toHaveLength(SOURCE.split('\n').length);
    expect(output.indexOf('single')).toBe(7);
  });

  test.each([
    ['an unknown flag', '#if MISSING\n#endif', /k\.wgsl:1: #if names the flag MISSING; known: F16/],
    ['no flag', '\n#if\n#endif', /k\.wgsl:2: #if names the flag \(none\)/],
    ['#if without #endif', 'x\n#if F16', /k\.wgsl:2: #if is never closed/],
    ['#else alone', '#else', /k\.wgsl:1: #else without #if/],
    ['two #else', '#if F16\n#else\n#else\n#endif', /k\.wgsl:3: #else is not expected/],
    ['an unknown directive', '#if F16\n#elif F16\n#endif', /k\.wgsl:2/],
  ])('refuses %s, naming file and line', (_name, source, message) => {
    expect(() => specialise(source, { F16: true }, 'k.wgsl')).toThrow(message);
  });

  test('writes loops out as often as a number says, nested ones and their conditions included', () => {
    const source = '#const N\n#for i N\na${i}\n#for j TWO\nb${i}${j}\n#end\n#if F16\nc${i}\n#endif\n#end\nz';
    const output = specialise(source, { F16: true, N: 2, TWO: 2 }, 'k.wgsl');
    const written = ['const N = 2u;', 'a0', 'b00', 'b01', 'c0', 'a1', 'b10', 'b11', 'c1', 'z'];
    expect(output.text.split('\n').filter(Boolean)).toEqual(written);
    expect(output.place(output.text.split('\n').indexOf('b11') + 1)).toBe('k.wgsl:5');
    expect(specialise(source, { F16: true, N: 0, TWO: 2 }, 'k.wgsl').text).toMatch(/^const N = 0u;\n*z$/);
  });

  test.each([
    ['a number that is none', '#const F16', /k\.wgsl:1: there is no number F16; known: N/],
    ['an unknown count', '#for i M\n#end', /k\.wgsl:1: there is no number M; known: N/],
    ['a loop without a count', '\n#for i\n#end', /k\.wgsl:2: there is no number \(none\)/],
    ['a number as a condition', '#if N\n#endif', /k\.wgsl:1: #if names the flag N; known: F16/],
    ['#for without #end', 'x\n#for i N\n#for j N\n#end', /k\.wgsl:2: #for is never closed/],
    ['#end without #for', 'x\n#end', /k\.wgsl:2: #end without #for/],
  ])('refuses %s', (_name, source, message) => {
    expect(() => specialise(source, { F16: true, N: 2 }, 'k.wgsl')).toThrow(message);
  });

  const files: Record<string, string> = {
    'lib/inner.wgsl': 'inner 1\n#if F16\ninner 3\n#endif\n',
    'lib/outer.wgsl': 'outer 1\n#include "lib/inner.wgsl"\nouter 3\n',
    'lib/loop.wgsl': 'x\n#include "lib/loop.wgsl"',
    'lib/open.wgsl': 'x\n#if F16',
  };
  const including = (source: string, flags = { F16: true }): KernelSource =>
    specialise(source, flags, 'k.wgsl', (name) => files[name]);

  test('an include is replaced by its file, specialised by the same flags', () => {
    const source = 'a\n#include "lib/outer.wgsl"\nz';
    expect(including(source).text.split('\n').filter(Boolean)).toEqual([
      'a',
      'outer 1',
      'inner 1',
      'inner 3',
      'outer 3',
      'z',
    ]);
    expect(including(source, { F16: false }).text).not.toContain('inner 3');
  });

  test('every line keeps its file and its number there', () => {
    const source = including('a\n#include "lib/outer.wgsl"\nz');
    const places = source.text.split('\n').map((text, i) => (text ? [text, source.place(i + 1)] : []));
    expect(places.filter((place) => place.length)).toEqual([
      ['a', 'k.wgsl:1'],
      ['outer 1', 'lib/outer.wgsl:1'],
      ['inner 1', 'lib/inner.wgsl:1'],
      ['inner 3', 'lib/inner.wgsl:3'],
      ['outer 3', 'lib/outer.wgsl:3'],
      ['z', 'k.wgsl:3'],
    ]);
  });

  test('an excerpt shows lines of one file, by their numbers there', () => {
    const source = including('a\nb\n#include "lib/outer.wgsl"\nz');
    const line = source.text.split('\n').indexOf('z') + 1;
    expect(source.excerpt(line)).toBe('>    4 | z');
    expect(source.excerpt(3)).toBe('>    1 | outer 1');
    expect(source.excerpt(2)).toBe('     1 | a\n>    2 | b');
  });

  test('an include in a dropped part is not read', () => {
    expect(including('#if F16\n#else\n#include "lib/none.wgsl"\n#endif').text.trim()).toBe('');
  });

  test.each([
    [
      'a file that is missing',
      'a\n#include "lib/none.wgsl"',
      /^k\.wgsl:2: there is no lib\/none\.wgsl to include/,
    ],
    ['no file', '#include lib/outer.wgsl', /^k\.wgsl:1: #include wants a file/],
    [
      'a circle',
      '#include "lib/loop.wgsl"',
      /^lib\/loop\.wgsl:2: lib\/loop\.wgsl includes itself: k\.wgsl > lib/,
    ],
    [
      'a file with an #if without #endif',
      '#include "lib/open.wgsl"\n#endif',
      /^lib\/open\.wgsl:2: #if is never closed/,
    ],
  ])('refuses to include %s, naming file and line', (_name, source, message) => {
    expect(() => including(source)).toThrow(message);
  });
});
