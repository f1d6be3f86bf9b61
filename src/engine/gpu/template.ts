import { DeviceError } from '../errors.js';

/** Values of the flags that a kernel's `#if` lines name. */
export type KernelFlags = Readonly<Record<string, boolean>>;

/**
 * The whole template language: `#if NAME`, `#else`, `#endif`, each alone on its line, nesting allowed. Numbers are
 * specialised by WGSL `override` constants instead; this is for code and types, which overrides cannot change.
 * Lines that fall away become empty, so that line numbers stay those of the file.
 *
 * @throws DeviceError `kernel-template` for an unknown flag or an unbalanced directive
 */
export function specialise(source: string, flags: KernelFlags, file: string): string {
  const fail = (line: number, message: string): never => {
    throw new DeviceError('kernel-template', `${file}:${line}: ${message}`);
  };
  const open: { active: boolean; line: number; elseSeen: boolean }[] = [];
  const output = source.split('\n').map((text, index) => {
    const line = index + 1;
    const directive = /^\s*#(\w+)(?:\s+(\w+))?\s*$/.exec(text);
    if (directive) {
      const [, word, flag] = directive;
      const innermost = open.at(-1);
      if (word === 'if') {
        if (flag === undefined || !(flag in flags)) {
          fail(
            line,
            `#if names the flag ${flag ?? '(none)'}; known: ${Object.keys(flags).join(', ') || 'none'}`,
          );
        }
        open.push({ active: flags[flag!]!, line, elseSeen: false });
      } else if (!innermost) {
        fail(line, `#${word} without #if`);
      } else if (word === 'else' && !innermost.elseSeen) {
        innermost.active = !innermost.active;
        innermost.elseSeen = true;
      } else if (word === 'endif') {
        open.pop();
      } else {
        fail(line, `#${word} is not expected here`);
      }
      return '';
    }
    return open.every((block) => block.active) ? text : '';
  });
  if (open.length) fail(open[0]!.line, '#if is never closed by #endif');
  return output.join('\n');
}
