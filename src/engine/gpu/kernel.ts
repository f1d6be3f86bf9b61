import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { DeviceError } from '../errors.js';
import { kernelFolder, packageRoot } from '../../base/paths.js';
import type { KernelBinding, KernelHandle, KernelVariant } from '../tensor/backend.js';
import { specialise } from './template.js';

interface ParamField {
  name: string;
  offset: number;
  type: 'u32' | 'i32' | 'f32';
}

/** The kinds of binding that kernels may have, as wgsl_reflect numbers them: uniforms and storage buffers. */
const BUFFERS: ReadonlySet<number> = new Set([0, 1]);

const list = (names: readonly string[], what = 'known'): string => `; ${what}: ${names.join(', ') || 'none'}`;

/**
 * One specialised kernel: source, what reflection reads from it, and (once compiled) its pipeline. Binding numbers,
 * the layout of `params` and the workgroup size are read from the WGSL; nothing in TypeScript repeats them.
 */
export class Kernel implements KernelHandle {
  readonly label: string;
  readonly source: string;
  readonly bindings: readonly KernelBinding[];
  readonly workgroupSize: readonly [number, number, number];
  /** Bytes of the uniform `params`, 0 for a kernel without. */
  readonly paramsBytes: number = 0;
  readonly paramsBinding: number = -1;
  readonly #entryPoint: string;
  readonly #params: readonly ParamField[] = [];
  readonly #constants: Record<string, number>;
  #pipeline: Promise<GPUComputePipeline> | undefined;
  #layout: GPUBindGroupLayout | undefined;

  constructor(
    readonly file: string,
    text: string,
    variant: KernelVariant,
  ) {
    const { flags = {}, constants = {} } = variant;
    const active = Object.keys(flags).filter((flag) => flags[flag]);
    const numbers = Object.entries(constants).map(([name, value]) => `${name}=${value}`);
    this.label = [file.replace(/\.wgsl$/, ''), ...active, ...numbers].join(' ');
    this.source = specialise(text, flags, file);
    this.#constants = { ...constants };

    const reflected = reflect(this.source, file);
    const [entry, ...others] = reflected.entry.compute;
    if (!entry || others.length) {
      throw new DeviceError('kernel_source', `${file}: a kernel file has one @compute entry point`);
    }
    this.#entryPoint = entry.name;
    for (const [name, value] of Object.entries(constants)) {
      const override = reflected.overrides.find((candidate) => candidate.name === name);
      if (!override) {
        const known = reflected.overrides.map((candidate) => candidate.name);
        throw new DeviceError(
          'kernel_source',
          `${file}: there is no override constant ${name}${list(known)}`,
        );
      }
      // Dawn would cut a fraction off without a word.
      const type = override.type?.name ?? 'f32';
      if ((type === 'u32' || type === 'i32') && !Number.isInteger(value)) {
        throw new DeviceError('kernel_source', `${file}: ${name} is ${value}, and its type is ${type}`);
      }
    }
    this.workgroupSize = workgroupSizeOf(this.source, this.#constants, file);

    const bindings: KernelBinding[] = [];
    for (const variable of reflected.getBindGroups().flat()) {
      if (!variable) continue;
      if (variable.group !== 0 || !BUFFERS.has(variable.resourceType)) {
        const line = lineOf(this.source, new RegExp(`\\bvar\\b[^;]*\\b${variable.name}\\s*:`));
        throw new DeviceError(
          'kernel_source',
          `${file}:${line}: ${variable.name} is no storage buffer or uniform of group 0\n${excerpt(this.source, line)}`,
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

  /** Writes parameters by name at `target`'s `offset`; a missing or superfluous name is an error. */
  writeParams(values: Readonly<Record<string, number>>, target: DataView, offset: number): void {
    for (const field of this.#params) {
      const value = values[field.name];
      if (value === undefined) {
        throw new DeviceError(
          'kernel_params',
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
        throw new DeviceError('kernel_params', `${this.label}: there is no parameter ${name}${list(known)}`);
      }
    }
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

  /** Compiles once; later calls give the same pipeline. @throws DeviceError `kernel_compile` */
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
    const place = `${this.file}:${line}${column ? `:${column}` : ''}`;
    // A message may go on with candidates for what was meant: the source first.
    const [first, ...others] = message.split('\n');
    const parts = [`${place}: ${first} (${this.label})`, excerpt(this.source, line), ...others];
    return new DeviceError('kernel_compile', parts.join('\n'));
  }
}

/** The lines of a source around one of them, which is marked. */
function excerpt(source: string, line: number): string {
  const from = Math.max(0, line - 4);
  const lines = source.split('\n').slice(from, line + 3);
  return lines
    .map((text, index) => {
      const number = from + index + 1;
      return `${number === line ? '>' : ' '} ${String(number).padStart(4)} | ${text}`;
    })
    .join('\n');
}

/** Counted from 1; 1 where the pattern is nowhere. */
function lineOf(source: string, pattern: RegExp): number {
  const code = source.replace(/\/\/.*/g, '');
  const at = code.search(pattern);
  return at < 0 ? 1 : code.slice(0, at).split('\n').length;
}

/**
 * Where in the source a fault lies that only the making of a pipeline shows: Dawn's message has a place in some cases,
 * names a constant or what is too large in others, and is else about the entry point.
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
 * The source's declarations: functions are dropped and the entry point's body is emptied, line numbers kept. Nothing
 * else is needed here, and wgsl_reflect 1.6.0 stumbles over valid code: `if (q.x < params.T) { … }` ends for it in a
 * template list, a function may not be called `write`, and matrix types are unknown to it.
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

function reflect(source: string, file: string): WgslReflect {
  try {
    return new WgslReflect(declarationsOf(source));
  } catch (error) {
    const { message = '' } = error as { message?: string };
    const line = Number(/Line: (\d+)/.exec(message)?.[1] ?? 1);
    const reason = message.replace(/\.*\s*Line: \d+.*/, '');
    throw new DeviceError(
      'kernel_source',
      `${file}:${line}: cannot be read: ${reason}\n${excerpt(source, line)}`,
    );
  }
}

/** `@workgroup_size(WG_X, 4)`: each part a number or an override constant, set here or defaulted in the source. */
function workgroupSizeOf(
  source: string,
  constants: Readonly<Record<string, number>>,
  file: string,
): [number, number, number] {
  const code = source.replace(/\/\/.*/g, '');
  const written = /@workgroup_size\(([^)]*)\)/.exec(code)?.[1];
  if (written === undefined) throw new DeviceError('kernel_source', `${file}: @workgroup_size is missing`);
  const parts = written.split(',').map((part) => part.trim());
  const sizes = parts.filter(Boolean).map((part) => {
    if (/^\d+u?$/.test(part)) return Number.parseInt(part, 10);
    const declared = new RegExp(`(?:override|const)\\s+${part}\\s*(?::\\s*\\w+)?\\s*=\\s*(\\d+)`).exec(
      source,
    )?.[1];
    const value = constants[part] ?? (declared === undefined ? NaN : Number(declared));
    if (!Number.isInteger(value)) {
      throw new DeviceError('kernel_source', `${file}: @workgroup_size(${part}) has no value`);
    }
    return value;
  });
  return [sizes[0] ?? 1, sizes[1] ?? 1, sizes[2] ?? 1];
}

/** The kernels of one device: read, specialised and compiled at most once each. */
export class KernelLibrary {
  readonly #files = new Map<string, string>();
  readonly #kernels = new Map<string, Kernel>();

  constructor(readonly folder: string = kernelFolder) {}

  /** Names of all kernel files, without `.wgsl`. */
  names(): string[] {
    return readdirSync(this.folder)
      .filter((file) => file.endsWith('.wgsl'))
      .map((file) => file.slice(0, -'.wgsl'.length))
      .sort();
  }

  /** The kernel in `kernels/<name>.wgsl`, specialised. @throws DeviceError `kernel_missing` and those of Kernel */
  get(name: string, variant: KernelVariant = {}): Kernel {
    const key = JSON.stringify([name, variant.flags ?? {}, variant.constants ?? {}]);
    let kernel = this.#kernels.get(key);
    if (!kernel) {
      kernel = new Kernel(`${name}.wgsl`, this.#read(name), variant);
      this.#kernels.set(key, kernel);
    }
    return kernel;
  }

  #read(name: string): string {
    let text = this.#files.get(name);
    if (text === undefined) {
      const files = [this.folder, join(packageRoot, 'kernels')].map((folder) => join(folder, `${name}.wgsl`));
      const file = files.find((candidate) => existsSync(candidate));
      if (file === undefined) {
        throw new DeviceError('kernel_missing', `there is no kernel ${name}.wgsl in ${this.folder}`);
      }
      text = readFileSync(file, 'utf8');
      this.#files.set(name, text);
    }
    return text;
  }
}
