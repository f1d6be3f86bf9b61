import { DeviceError } from '../errors.js';

/** Values of the flags that a kernel's `#if` lines name, and of the numbers that its `#const` and `#for` lines name. */
export type KernelFlags = Readonly<Record<string, boolean | number>>;

/** Reads the file that `#include "NAME"` names; undefined when there is none. */
export type IncludeReader = (name: string) => string | undefined;

/**
 * A kernel's text as the compiler gets it. The compiler counts the lines of this text, but people read the files it was
 * made from, so messages use `place` and `excerpt`.
 */
export class KernelSource {
  readonly text: string;

  constructor(private readonly lines: readonly { text: string; file: string; line: number }[]) {
    this.text = lines.map(({ text }) => text).join('\n');
  }

  /** `FILE:LINE` of a line of `text`, counted from 1. */
  place(line: number): string {
    const { file, line: inFile } = this.lines[line - 1] ?? this.lines[0]!;
    return `${file}:${inFile}`;
  }

  /** A line of `text`, marked, and those of the same file around it. */
  excerpt(line: number): string {
    const { file } = this.lines[line - 1] ?? this.lines[0]!;
    const first = Math.max(0, line - 4);
    return this.lines
      .slice(first, line + 3)
      .map((shown, i) => ({ ...shown, mark: first + i + 1 === line ? '>' : ' ' }))
      .filter((shown) => shown.file === file)
      .map(({ mark, line: inFile, text }) => `${mark} ${String(inFile).padStart(4)} | ${text}`)
      .join('\n');
  }
}

/**
 * Specialises a kernel. This is the whole template language, each directive alone on its line:
 *
 * - `#if FLAG`, `#else`, `#endif`, which nest. Dropped lines become empty.
 * - `#include "lib/NAME.wgsl"`: the lines of that file, specialised by the same flags. It may include others.
 * - `#const NAME`: the line `const NAME = 4u;`, if the number NAME is 4.
 * - `#for i NAME`, `#end`, which nest: the lines between them as often as the number NAME says, with the count from 0 in
 *   place of `${i}`.
 *
 * Other numbers are specialised by WGSL `override` constants. Those cannot change code and types, nor the size of an
 * array that is no workgroup memory; a compiler may keep such an array in memory unless its loops are written out.
 *
 * @throws DeviceError `kernel-template` for an unknown flag or number, an unbalanced directive, or an include that is
 * missing, includes itself or leaves the folder of kernels
 */
export function specialise(
  source: string,
  flags: KernelFlags,
  file: string,
  read: IncludeReader = () => undefined,
): KernelSource {
  return new KernelSource(specialiseFile(source, flags, [file], read));
}

/** `chain` is the kernel's file and those included from it, down to the one that `source` is the text of. */
function specialiseFile(
  source: string,
  flags: KernelFlags,
  chain: readonly string[],
  read: IncludeReader,
): { text: string; file: string; line: number }[] {
  const file = chain.at(-1)!;
  const open: { active: boolean; line: number; elseSeen: boolean }[] = [];
  const lines = source.split('\n').map((text, index) => ({ text, line: index + 1 }));
  const output = writtenOut(lines, flags, file).flatMap(({ text, line }) => {
    const active = open.every((block) => block.active);
    const fail = (message: string): never => {
      throw new DeviceError('kernel-template', `${file}:${line}: ${message}`);
    };
    const directive = /^\s*#(\w+)(?:\s+(\S.*?))?\s*$/.exec(text);
    if (!directive) return [{ text: active ? text : '', file, line }];

    const [, word, argument = ''] = directive;
    const innermost = open.at(-1);
    if (word === 'include') {
      const name =
        /^"([^"]+)"$/.exec(argument)?.[1] ?? fail('#include wants a file: #include "lib/NAME.wgsl"');
      if (name.split(/[\\/]/).includes('..')) fail(`#include ${name} leaves the folder of kernels`);
      if (active) {
        if (chain.includes(name)) fail(`${name} includes itself: ${[...chain, name].join(' > ')}`);
        const included = read(name) ?? fail(`there is no ${name} to include`);
        return specialiseFile(included.replace(/\n$/, ''), flags, [...chain, name], read);
      }
    } else if (word === 'const') {
      const declared = `const ${argument} = ${numberOf(argument, flags, fail)}u;`;
      return [{ text: active ? declared : '', file, line }];
    } else if (word === 'if') {
      const flag = flags[argument];
      if (typeof flag !== 'boolean') {
        const known = namesOf(flags, 'boolean');
        return fail(`#if names the flag ${argument || '(none)'}; known: ${known}`);
      }
      open.push({ active: flag, line, elseSeen: false });
    } else if (!innermost) {
      fail(`#${word} without #if`);
    } else if (word === 'else' && !innermost.elseSeen) {
      innermost.active = !innermost.active;
      innermost.elseSeen = true;
    } else if (word === 'endif') {
      open.pop();
    } else {
      fail(`#${word} is not expected here`);
    }
    return [{ text: '', file, line }];
  });
  if (open.length) {
    throw new DeviceError('kernel-template', `${file}:${open[0]!.line}: #if is never closed by #endif`);
  }
  return output;
}

/** Names of the flags, or of the numbers. */
function namesOf(flags: KernelFlags, type: 'boolean' | 'number'): string {
  const names = Object.keys(flags).filter((name) => typeof flags[name] === type);
  return names.join(', ') || 'none';
}

function numberOf(name: string, flags: KernelFlags, fail: (message: string) => never): number {
  const value = flags[name];
  if (typeof value === 'number') return value;
  return fail(`there is no number ${name || '(none)'}; known: ${namesOf(flags, 'number')}`);
}

interface Line {
  text: string;
  /** In its file, counted from 1. */
  line: number;
}

/** The lines with those between `#for` and `#end` repeated; both directives become empty. */
function writtenOut(lines: readonly Line[], flags: KernelFlags, file: string): Line[] {
  const output: Line[] = [];
  for (let at = 0; at < lines.length; at++) {
    const { text, line } = lines[at]!;
    const fail = (message: string): never => {
      throw new DeviceError('kernel-template', `${file}:${line}: ${message}`);
    };
    const [, word, name, count] = /^\s*#(for|end)\b\s*(\w*)\s*(\w*)\s*$/.exec(text) ?? [];
    if (word === undefined) {
      output.push(lines[at]!);
      continue;
    }
    if (word === 'end') fail('#end without #for');
    const end = endOf(lines, at) ?? fail('#for is never closed by #end');
    const times = numberOf(count!, flags, fail);
    const body = lines.slice(at + 1, end);
    output.push({ text: '', line });
    for (let i = 0; i < times; i++) {
      const numbered = body.map((one) => ({ ...one, text: one.text.replaceAll(`\${${name}}`, `${i}`) }));
      output.push(...writtenOut(numbered, flags, file));
    }
    output.push({ text: '', line: lines[end]!.line });
    at = end;
  }
  return output;
}

/** The index of the `#end` that closes the `#for` at an index. */
function endOf(lines: readonly Line[], start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    if (/^\s*#for\b/.test(lines[at]!.text)) depth++;
    if (/^\s*#end\s*$/.test(lines[at]!.text) && --depth === 0) return at;
  }
  return undefined;
}
