import { DeviceError } from '../errors.js';

/** Values of the flags that a kernel's `#if` lines name. */
export type KernelFlags = Readonly<Record<string, boolean>>;

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
 *
 * Numbers are specialised by WGSL `override` constants instead; this is for code and types, which those cannot change.
 *
 * @throws DeviceError `kernel-template` for an unknown flag, an unbalanced directive, or an include that is missing,
 * includes itself or leaves the folder of kernels
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
  const output = source.split('\n').flatMap((text, index) => {
    const line = index + 1;
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
    } else if (word === 'if') {
      if (!(argument in flags)) {
        const known = Object.keys(flags).join(', ') || 'none';
        fail(`#if names the flag ${argument || '(none)'}; known: ${known}`);
      }
      open.push({ active: flags[argument]!, line, elseSeen: false });
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
