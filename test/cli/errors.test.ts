import { InvalidArgumentError } from 'commander';
import { expect, test, vi } from 'vitest';
import { EXIT, reportError } from '../../src/cli/errors.js';
import { DeviceError } from '../../src/engine/errors.js';

function reported(error: unknown): { text: string; code: number } {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = reportError(error, { verbose: false, help: 'engine --help' });
    return { text: write.mock.calls.map(([text]) => String(text)).join(''), code };
  } finally {
    write.mockRestore();
  }
}

test.each(['kernel-compile', 'kernel-source', 'kernel-template'])(
  'an error of code %s shows the source on the lines after its message',
  (kind) => {
    const message = 'gelu.wgsl:7:3: unresolved value (gelu)\n>    7 |   let y = z;\n     8 | }';
    expect(reported(new DeviceError(kind, message))).toEqual({
      text: `engine: ${message}\n`,
      code: EXIT.badInput,
    });
  },
);

test('any other error is one line', () => {
  expect(reported(new DeviceError('out-of-memory', 'too\n  little')).text).toBe('engine: too little\n');
  expect(reported(new Error('one\r\ntwo'))).toEqual({
    text: 'engine: this is a bug: one two (--verbose shows where)\n',
    code: EXIT.bug,
  });
});

test('a usage error says where the help is, after one full sentence', () => {
  const usage = new InvalidArgumentError('Allowed choices are none, mlp, block.');
  expect(reported(usage).text).toBe('engine: Allowed choices are none, mlp, block; see engine --help\n');
});

test('a file where a folder has to be made is said to be one', () => {
  const error = (code: string): Error =>
    Object.assign(new Error(`${code}: mkdir`), { syscall: 'mkdir', code, path: 'runs/a' });
  expect(reported(error('EEXIST')).text).toBe('engine: runs/a cannot be made a folder: it is a file\n');
  expect(reported(error('ENOTDIR')).text).toBe(
    'engine: runs/a cannot be made a folder: a part of the path is a file\n',
  );
});

test('a folder where a file has to be written is said to be one', () => {
  const error = Object.assign(new Error('EISDIR'), { syscall: 'rename', code: 'EISDIR', dest: '/tmp' });
  expect(reported(error).text).toBe('engine: /tmp is a folder: name a file\n');
});
