import { NumericsError } from '../errors.js';
import { gridFor, type Grid } from '../tensor/grid.js';
import type { Lifetime, RecordedDispatch, Recorder } from '../tensor/recording.js';
import { formatShape } from '../tensor/shape.js';
import { ALIGNMENT, alignUp, type Storage } from '../tensor/storage.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ReadyDispatch } from './bind.js';
import type { Gpu } from './device.js';
import type { Kernel } from './kernel.js';

/** A check of one tensor, before or after a dispatch. */
interface Probe {
  tensor: Tensor;
  /** Whether the dispatch wrote it; otherwise it came from outside the program. */
  written: boolean;
  dispatch: number;
}

interface BoundProbe extends Probe {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  grid: Grid;
}

/** Element types that can hold a NaN, and the kernel's flag for each; whole numbers are always finite. */
const FLOATS: Readonly<Partial<Record<string, { F16: boolean }>>> = {
  f32: { F16: false },
  f16: { F16: true },
};

const NOTHING = 0xffff_ffff;

/**
 * Checks every number that a program reads from outside or computes, and finds the first dispatch that went wrong. After
 * each dispatch a kernel stores the places of the first NaN and the first infinity in a slot; the host reads all slots
 * once per step. A buffer is cleared before its first write, since a dispatch may write only a part of it and leave
 * other tensors' numbers in the rest.
 */
export class FiniteCheck {
  private constructor(
    private readonly gpu: Gpu,
    private readonly recording: Recorder,
    private readonly ready: readonly ReadyDispatch[],
    /** In the order in which they run. */
    private readonly probes: readonly BoundProbe[],
    private readonly clears: ReadonlyMap<number, readonly Storage[]>,
    private readonly found: GPUBuffer,
    private readonly params: GPUBuffer,
    private readonly names: readonly Tensor[],
  ) {}

  static async create(
    gpu: Gpu,
    recording: Recorder,
    lifetimes: readonly Lifetime[],
    ready: readonly ReadyDispatch[],
    { names = [] }: { names?: Iterable<Tensor> | undefined },
  ): Promise<FiniteCheck> {
    const { dispatches } = recording;
    const probes = probesOf(dispatches, new Set(lifetimes.map(({ storage }) => storage)));
    const clears = new Map<number, Storage[]>();
    for (const { storage, first } of lifetimes) clears.set(first, [...(clears.get(first) ?? []), storage]);

    const kernels = probes.map(({ tensor }) =>
      gpu.kernels.get('check_finite', { flags: FLOATS[tensor.dtype]! }),
    );
    const pipelines = await Promise.all(kernels.map((kernel) => kernel.pipeline(gpu.device)));
    const found = gpu.device.createBuffer({
      label: 'finite check',
      size: alignUp(Math.max(8 * probes.length, ALIGNMENT)),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    const params = writeParams(gpu, kernels, probes);
    const bound = probes.map((probe, slot) => ({
      ...probe,
      pipeline: pipelines[slot]!,
      bindGroup: bind(gpu, kernels[slot]!, probe.tensor.storage, found, params, slot),
      grid: gridFor(kernels[slot]!, probe.tensor.size),
    }));
    const check = new FiniteCheck(gpu, recording, ready, bound, clears, found, params, [...names]);
    check.#forget();
    return check;
  }

  /** Encodes one run of the program with its checks. */
  encode(encoder: GPUCommandEncoder): void {
    let next = 0;
    const dispatch = (
      pass: GPUComputePassEncoder,
      { pipeline, bindGroup, grid }: Pick<BoundProbe, 'pipeline' | 'bindGroup' | 'grid'>,
    ): void => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(grid[0], grid[1] ?? 1, grid[2] ?? 1);
    };
    this.ready.forEach((prepared, index) => {
      for (const { buffer, bytes } of this.clears.get(index) ?? []) {
        encoder.clearBuffer(buffer!, 0, Math.ceil(bytes / 4) * 4);
      }
      const pass = encoder.beginComputePass();
      const probesOfDispatch = (written: boolean): void => {
        for (; this.#isProbe(next, index, written); next++) dispatch(pass, this.probes[next]!);
      };
      probesOfDispatch(false);
      dispatch(pass, prepared);
      probesOfDispatch(true);
      pass.end();
    });
  }

  #isProbe(index: number, dispatch: number, written: boolean): boolean {
    const probe = this.probes[index];
    return probe?.dispatch === dispatch && probe.written === written;
  }

  /** @throws NumericsError for the first dispatch with a NaN or an infinity */
  async verify(): Promise<void> {
    const bytes = 8 * this.probes.length;
    const found = new Uint32Array(await this.gpu.readBuffer(this.found, 0, bytes));
    const at = found.findIndex((index) => index !== NOTHING);
    if (at < 0) return;
    this.#forget();
    const slot = at >> 1;
    const [nan, infinity] = [found[2 * slot]!, found[2 * slot + 1]!];
    const what = nan === NOTHING ? 'an infinity' : infinity === NOTHING ? 'NaN' : 'NaN and infinities';
    const probe = this.probes[slot]!;
    const { origin } = this.recording.dispatches[probe.dispatch]!;
    throw new NumericsError(this.#describe(probe, what, Math.min(nan, infinity)), origin);
  }

  #describe({ tensor, written, dispatch }: Probe, what: string, element: number): string {
    const { dispatches } = this.recording;
    const { kernel, origin, tensors } = dispatches[dispatch]!;
    const where = `${describePlace(tensor, element, this.names)}`;
    const op = origin
      ? `${origin.op} ${origin.phase}${origin.path && ` of ${origin.path}`}`
      : `a dispatch without an op`;
    const which = `dispatch ${dispatch + 1} of ${dispatches.length}, ${kernel.label}`;
    if (!written) return `${where} holds ${what} before ${op} reads it (${which})`;
    const inputs = tensors.filter((_, slot) => kernel.bindings[slot]!.access === 'read');
    const labels = [...new Set(inputs.map(({ label }) => label))].join(', ');
    return `${op} wrote ${what} into ${where} (${which}${labels && `; what it read was finite: ${labels}`})`;
  }

  #forget(): void {
    const nothing = new Uint32Array(this.found.size / 4).fill(NOTHING);
    this.gpu.device.queue.writeBuffer(this.found, 0, nothing);
  }

  dispose(): void {
    this.found.destroy();
    this.params.destroy();
  }
}

/** Inputs from outside are checked before their first use, results after each dispatch that writes them. */
function probesOf(dispatches: readonly RecordedDispatch[], made: ReadonlySet<Storage>): Probe[] {
  const probes: Probe[] = [];
  const known = new Set<string>();
  const keys = new Map<Storage, number>();
  const keyOf = ({ storage }: Tensor): string => {
    if (!keys.has(storage.root)) keys.set(storage.root, keys.size);
    return `${keys.get(storage.root)} ${storage.offset} ${storage.bytes}`;
  };
  dispatches.forEach(({ kernel, tensors }, dispatch) => {
    for (const written of [false, true]) {
      tensors.forEach((tensor, slot) => {
        if (!(tensor.dtype in FLOATS) || (kernel.bindings[slot]!.access === 'read_write') !== written) return;
        const key = keyOf(tensor);
        if (!written && (made.has(tensor.storage.root) || known.has(key))) return;
        known.add(key);
        probes.push({ tensor, written, dispatch });
      });
    }
  });
  return probes;
}

function writeParams(gpu: Gpu, kernels: readonly Kernel[], probes: readonly Probe[]): GPUBuffer {
  const view = new DataView(new ArrayBuffer(Math.max(1, probes.length) * ALIGNMENT));
  probes.forEach(({ tensor }, slot) =>
    kernels[slot]!.writeParams({ N: tensor.size, slot }, view, slot * ALIGNMENT),
  );
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const params = gpu.device.createBuffer({ label: 'finite check params', size: view.byteLength, usage });
  gpu.device.queue.writeBuffer(params, 0, view.buffer);
  return params;
}

function bind(
  gpu: Gpu,
  kernel: Kernel,
  { buffer, offset, bytes }: Storage,
  found: GPUBuffer,
  params: GPUBuffer,
  slot: number,
): GPUBindGroup {
  const resources: Readonly<Record<string, GPUBufferBinding>> = {
    X: { buffer: buffer!, offset, size: Math.ceil(bytes / 4) * 4 },
    found: { buffer: found },
  };
  const entries: GPUBindGroupEntry[] = kernel.bindings.map(({ name, binding }) => ({
    binding,
    resource: resources[name]!,
  }));
  const resource = { buffer: params, offset: slot * ALIGNMENT, size: kernel.paramsBytes };
  entries.push({ binding: kernel.paramsBinding, resource });
  return gpu.device.createBindGroup({ label: kernel.label, layout: kernel.layout(gpu.device), entries });
}

/** `d layers.1.qkv [192,64] at [3,5]`: the tensor, or the named one inside it that contains the element. */
function describePlace(tensor: Tensor, element: number, names: readonly Tensor[]): string {
  const size = tensor.bytes / tensor.size;
  const byte = tensor.storage.offset + element * size;
  const named = names.find(
    ({ storage }) =>
      storage.root === tensor.storage.root && storage.offset <= byte && byte < storage.offset + storage.bytes,
  );
  const holder = named && named.bytes < tensor.bytes ? named : tensor;
  let rest = Math.floor((byte - holder.storage.offset) / size);
  const index: number[] = [];
  for (const extent of [...holder.shape].reverse()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return `${holder.label} ${formatShape(holder.shape)} at ${formatShape(index)}`;
}
