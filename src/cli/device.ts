import { formatAdapter } from './format.js';
import type { DeviceOptions } from './options.js';
import { note } from './output.js';

/** Says on which adapter training runs, and warns if it fell back to the processor. */
export function noteAdapter(
  { adapter, path }: { adapter: { name: string; kind: string; driver: string }; path: string },
  { adapter: requested }: Pick<DeviceOptions, 'adapter'>,
): void {
  note(`adapter: ${formatAdapter(adapter)}; kernels: ${path}`);
  if (adapter.kind !== 'software' || requested !== 'auto') return;
  note(
    `warning: no GPU was found; training runs on the processor through ${adapter.name}, which is slow. ` +
      '--adapter gpu makes this an error, --adapter software silences this warning.',
  );
}
