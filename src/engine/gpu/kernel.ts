import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { DeviceError } from '../errors.js';
import { kernelFolder, kernelOverrides } from '../../base/paths.js';
import type { KernelBinding, KernelHandle, KernelVariant } from '../tensor/backend.js';
import { checkFolder, replacedFiles } from './kernel-overrides.js';
import { specialise, type IncludeReader, type KernelSource } from './template.js';

interface ParamField {
  name: string;
  offset: number;
  type: 'u32' | 'i32' | 'f32';
}

/** The kinds of binding that kernels may have, as wgsl_reflect numbers them: uniform and storage buffers. */
const BUFFERS: ReadonlySet<number> = new Set([0, 1]);

const list = (names: readonly string[], what = 'known'): string => `; ${what}: ${names.join(', ') || 'none'}`;

/**
 * One specialised kernel: its source, its declarations, and its pipeline once it is compiled. Binding numbers, the
 * layout of `params` and the workgroup size are read from the WGSL; nothing in TypeScript repeats them.
 */
export class Kernel implements KernelHandle {
  readonly label: string;
  readonly source: string;
  readonly bindings: readonly KernelBinding[];
  readonly workgroupSize: readonly [number, number, number];
  /** Bytes of the uniform `params`; 0 for a kernel that has none. */
  readonly paramsBytes: number = 0;
  readonly paramsBinding: number = -1;
  readonly #source: KernelSource;
  readonly #entryPoint: string;
  readonly #params: readonly ParamField[] = [];
  readonly #constants: Record<string, number>;
  #pipeline: Promise<GPUComputePipeline> | undefined;
  #layout: GPUBindGroupLayout | undefined;

  constructor(
    readonly file: string,
    text: string,
    readonly variant: KernelVariant,
    includes?: IncludeReader,
  ) {
    const { flags = {}, constants = {} } = variant;
    const active = Object.keys(flags).filter((flag) => flags[flag] === true);
    const sizes = Object.entries(flags).filter(([, value]) => typeof value === 'number');
    const numbers = [...sizes, ...Object.entries(constants)].map(([name, value]) => `${name}=${value}`);
    this.label = [file.replace(/\.wgsl$/, ''), ...active, ...numbers].join(' ');
    this.#source = specialise(text, flags, file, includes);
    this.source = this.#source.text;
    this.#constants = { ...constants };

    const reflected = reflect(this.#source);
    const [entry, ...others] = reflected.entry.compute;
    if (!entry || others.length) {
      throw new DeviceError('kernel-source', `${file}: a kernel file has one @compute entry point`);
    }
    this.#entryPoint = entry.name;
    for (const [name, value] of Object.entries(constants)) {
      const override = reflected.overrides.find((candidate) => candidate.name === name);
      if (!override) {
        const known = reflected.overrides.map((candidate) => candidate.name);
        throw new DeviceError(
          'kernel-source',
          `${file}: there is no override constant ${name}${list(known)}`,
        );
      }
      // Dawn would silently drop a fraction.
      const type = override.type?.name ?? 'f32';
      if ((type === 'u32' || type === 'i32') && !Number.isInteger(value)) {
        throw new DeviceError('kernel-source', `${file}: ${name} is ${value}, and its type is ${type}`);
      }
    }
    this.workgroupSize = workgroupSizeOf(this.source, this.#constants, file);

    const bindings: KernelBinding[] = [];
    for (const variable of reflected.getBindGroups().flat()) {
      if (!variable) continue;
      if (variable.group !== 0 || !BUFFERS.has(variable.resourceType)) {
        const line = lineOf(this.source, new RegExp(`\\bvar\\b[^;]*\\b${variable.name}\\s*:`));
        throw new DeviceError(
          'kernel-source',
          `${this.#source.place(line)}: ${variable.name} is no storage buffer or uniform of group 0\n` +
            this.#source.excerpt(line),
        );
      }
      if (variable.name === 'params') {
        this.paramsBinding = variable.binding;
        this.paramsBytes = Math.ceil(variable.size / 16) * 16;
        const { members = [] } = variable.type as unknown as {
          members?: { name: string; offset: number; type: { name: string } }[];
        };
        this.#params = members.map(({ name, offset, type }) => ({
          name,
          offset,
          type: type.name as ParamField['type'],
        }));
      } else {
        const access = variable.access === 'read_write' ? 'read_write' : 'read';
        bindings.push({ name: variable.name, binding: variable.binding, access });
      }
    }
    this.bindings = bindings;
  }

  /** Writes parameters by name from `offset` of `target` on. @throws DeviceError for a missing or unknown name */
  writeParams(values: Readonly<Record<string, number>>, target: DataView, offset: number): void {
    for (const field of this.#params) {
      const value = values[field.name];
      if (value === undefined) {
        throw new DeviceError(
          'kernel-params',
          `${this.label}: parameter ${field.name} is missing${list(Object.keys(values), 'given')}`,
        );
      }
      const at = offset + field.offset;
      if (field.type === 'f32') target.setFloat32(at, value, true);
      else if (field.type === 'i32') target.setInt32(at, value, true);
      else target.setUint32(at, value, true);
    }
    for (const name of Object.keys(values)) {
      if (!this.#params.some((field) => field.name === name)) {
        const known = this.#params.map((field) => field.name);
        throw new DeviceError('kernel-params', `${this.label}: there is no parameter ${name}${list(known)}`);
      }
    }
  }

  /** `FILE:LINE` of a line of `source`, counted from 1. */
  place(line: number): string {
    return this.#source.place(line);
  }

  layout(device: GPUDevice): GPUBindGroupLayout {
    const entries: GPUBindGroupLayoutEntry[] = this.bindings.map(({ binding, access }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
    }));
    if (this.paramsBinding >= 0) {
      entries.push({
        binding: this.paramsBinding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: 'uniform' },
      });
    }
    return (this.#layout ??= device.createBindGroupLayout({ label: this.label, entries }));
  }

  /** Compiles on the first call; later calls return the same pipeline. @throws DeviceError `kernel-compile` */
  pipeline(device: GPUDevice): Promise<GPUComputePipeline> {
    return (this.#pipeline ??= this.#compile(device));
  }

  async #compile(device: GPUDevice): Promise<GPUComputePipeline> {
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: this.label, code: this.source });
    const moduleError = device.popErrorScope();
    const { messages } = await module.getCompilationInfo();
    const fault = messages.find((message) => message.type === 'error');
    const rejected = await moduleError;
    if (fault || rejected) throw this.#compileError(fault, rejected?.message);
    try {
      return await device.createComputePipelineAsync({
        label: this.label,
        layout: device.createPipelineLayout({ bindGroupLayouts: [this.layout(device)] }),
        compute: { module, entryPoint: this.#entryPoint, constants: this.#constants },
      });
    } catch (error) {
      throw this.#compileError(undefined, (error as Error).message);
    }
  }

  #compileError(fault: GPUCompilationMessage | undefined, reason = ''): DeviceError {
    const { line, column, message } = fault
      ? { line: fault.lineNum, column: fault.linePos, message: fault.message }
      : placeOf(reason, this.source);
    const place = `${this.#source.place(line)}${column ? `:${column}` : ''}`;
    // The compiler's further lines suggest alternatives; the source excerpt goes before them.
    const [first, ...others] = message.split('\n');
    const parts = [`${place}: ${first} (${this.label})`, this.#source.excerpt(line), ...others];
    return new DeviceError('kernel-compile', parts.join('\n'));
  }
}

/** The first line that matches, counted from 1; 1 when none does. */
function lineOf(source: string, pattern: RegExp): number {
  const code = source.replace(/\/\/.*/g, '');
  const at = code.search(pattern);
  return at < 0 ? 1 : code.slice(0, at).split('\n').length;
}

/**
 * The line of a fault that only creating the pipeline shows. Some of Dawn's messages have a place; others name a
 * constant or what is too large; the rest are about the entry point.
 */
function placeOf(reason: string, source: string): { line: number; column?: number; message: string } {
  const lines = reason.split('\n').filter((line) => line && !/^ - While|^An error occurred/.test(line));
  const placed = /^:(\d+):(\d+) error: (.*)/.exec(lines[0] ?? '');
  if (placed) return { line: Number(placed[1]), column: Number(placed[2]), message: placed[3]! };
  const message = (lines[0] ?? reason).replace(/^error: /, '');
  const constant = /overridable constants?.*?["[](\w+)/.exec(message)?.[1];
  if (constant) return { line: lineOf(source, new RegExp(`\\boverride\\s+${constant}\\b`)), message };
  if (/workgroup storage/.test(message)) return { line: lineOf(source, /\bvar\s*<\s*workgroup/), message };
  if (/workgroup_size/.test(message)) return { line: lineOf(source, /@workgroup_size/), message };
  return { line: lineOf(source, /@compute\b/), message };
}

/**
 * The source's declarations, at their lines: functions are dropped and the entry point's body is emptied. Reflection
 * needs no more, and wgsl_reflect 1.6.0 rejects valid code: it takes the `<` of `if (q.x < params.T) { … }` for a
 * template list, allows no function called `write`, and does not know matrix types.
 */
function declarationsOf(source: string): string {
  const code = source.replace(/\/\/.*/g, '').replace(/^alias \w+ = subgroup_matrix_.*$/gm, '');
  const emptyLines = (text: string): string => '\n'.repeat(text.split('\n').length - 1);
  let output = '';
  let at = 0;
  for (const { index } of code.matchAll(/\bfn\s+\w+\s*\(/g)) {
    const open = code.indexOf('{', index);
    let close = open;
    let depth = 0;
    do {
      if (code[close] === '{') depth++;
      if (code[close] === '}') depth--;
      close++;
    } while (depth > 0 && close < code.length);
    const before = code.slice(at, index);
    const isEntryPoint = /@compute\b/.test(before);
    output += before;
    output += isEntryPoint
      ? `${code.slice(index, open)}{${emptyLines(code.slice(open, close))}}`
      : emptyLines(code.slice(index, close));
    at = close;
  }
  return output + code.slice(at);
}

function reflect(source: KernelSource): WgslReflect {
  try {
    return new WgslReflect(declarationsOf(source.text));
  } catch (error) {
    const { message = '' } = error as { message?: string };
    const line = Number(/Line: (\d+)/.exec(message)?.[1] ?? 1);
    const reason = message.replace(/\.*\s*Line: \d+.*/, '');
    throw new DeviceError(
      'kernel-source',
      `${source.place(line)}: cannot be read: ${reason}\n${source.excerpt(line)}`,
    );
  }
}

/** `@workgroup_size(WG_X, 4)`: each part is a number or a constant, which `constants` may override. */
function workgroupSizeOf(
  source: string,
  constants: Readonly<Record<string, number>>,
  file: string,
): [number, number, number] {
  const code = source.replace(/\/\/.*/g, '');
  const written = /@workgroup_size\(([^)]*)\)/.exec(code)?.[1];
  if (written === undefined) throw new DeviceError('kernel-source', `${file}: @workgroup_size is missing`);
  const parts = written.split(',').map((part) => part.trim());
  const sizes = parts.filter(Boolean).map((part) => {
    if (/^\d+u?$/.test(part)) return Number.parseInt(part, 10);
    const declared = new RegExp(`(?:override|const)\\s+${part}\\s*(?::\\s*\\w+)?\\s*=\\s*(\\d+)`).exec(
      source,
    )?.[1];
    const value = constants[part] ?? (declared === undefined ? NaN : Number(declared));
    if (!Number.isInteger(value)) {
      throw new DeviceError('kernel-source', `${file}: @workgroup_size(${part}) has no value`);
    }
    return value;
  });
  return [sizes[0] ?? 1, sizes[1] ?? 1, sizes[2] ?? 1];
}

/**
 * The kernels of one device: read, specialised and compiled at most once each. A file in `overrides`, whether
 * a kernel or a `lib/` file that kernels include, replaces the package's file of the same name.
 */
export class KernelLibrary {
  readonly #folders: readonly string[];
  readonly #files = new Map<string, string | undefined>();
  readonly #kernels = new Map<string, Kernel>();

  /**
   * By default the overrides are those of ENGINE_KERNELS, where each file must replace one of the package.
   *
   * @throws DeviceError `kernel-missing` when `overrides` is no folder, or a file of ENGINE_KERNELS replaces nothing
   */
  constructor(overrides?: string) {
    if (overrides !== undefined) checkFolder(overrides);
    else if (kernelOverrides !== undefined) replacedFiles(kernelOverrides);
    const folder = overrides ?? kernelOverrides;
    this.#folders = folder === undefined ? [kernelFolder] : [folder, kernelFolder];
  }

  /** Names of all kernel files, without `.wgsl`. */
  names(): string[] {
    const files = this.#folders.flatMap((folder) => readdirSync(folder));
    const kernels = files.filter((file) => file.endsWith('.wgsl'));
    return [...new Set(kernels.map((file) => file.slice(0, -'.wgsl'.length)))].sort();
  }

  /** The kernel in `<name>.wgsl`, specialised. @throws DeviceError `kernel-missing` and those of Kernel */
  get(name: string, variant: KernelVariant = {}): Kernel {
    const key = JSON.stringify([name, variant.flags ?? {}, variant.constants ?? {}]);
    let kernel = this.#kernels.get(key);
    if (!kernel) {
      const file = `${name}.wgsl`;
      const text = this.#read(file);
      if (text === undefined) {
        throw new DeviceError(
          'kernel-missing',
          `there is no kernel ${file} in ${this.#folders.join(' or ')}`,
        );
      }
      kernel = new Kernel(file, text, variant, (included) => this.#read(included));
      this.#kernels.set(key, kernel);
    }
    return kernel;
  }

  /** The text of a file, from the first folder that has it. */
  #read(file: string): string | undefined {
    if (!this.#files.has(file)) {
      const found = this.#folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
      this.#files.set(file, found === undefined ? undefined : readFileSync(found, 'utf8'));
    }
    return this.#files.get(file);
  }
}
