import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasBundledDriver } from '../../../src/engine/gpu/platform.js';
import { readTar, unpackSwiftShader } from '../../../src/engine/gpu/swiftshader.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swiftshader-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('readTar returns the names and bytes that another tar implementation packed', async () => {
  const files = [
    { name: './empty.txt', content: Buffer.alloc(0) },
    { name: 'block.bin', content: Buffer.alloc(512, 7) },
    { name: 'deep/long.bin', content: Buffer.alloc(1300, 9) },
  ];
  const archive = pack();
  for (const { name, content } of files) archive.entry({ name }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  expect([...readTar(Buffer.concat(chunks))]).toEqual(files);
});

describe.runIf(hasBundledDriver(process))('unpacking', () => {
  test('fills the folder once, and leaves no temporary folder', () => {
    const folder = unpackSwiftShader([root])!;
    expect(readdirSync(folder).sort()).toEqual([
      'libvk_swiftshader.so',
      'libvulkan.so.1',
      'vk_swiftshader_icd.json',
    ]);
    expect(readdirSync(root)).toHaveLength(1);
    expect(unpackSwiftShader([root])).toBe(folder);
  });

  test('a folder that cannot be written is skipped; if it is the last, that is an error', () => {
    const blocked = join(root, 'file');
    writeFileSync(blocked, '');
    const folder = unpackSwiftShader([blocked, root])!;
    expect(existsSync(join(folder, 'libvulkan.so.1'))).toBe(true);
    expect(() => unpackSwiftShader([blocked])).toThrow(/ENOTDIR|EEXIST/);
  });
});
