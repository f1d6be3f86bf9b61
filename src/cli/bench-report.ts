import type { RunHeader } from '../engine/bench/report.js';
import { printLine } from './output.js';

export async function printRunHeader({ adapter, kernels, commit, date }: RunHeader): Promise<void> {
  await printLine(`${adapter.name} ${adapter.description}, kernels ${kernels}, commit ${commit}, ${date}`);
}
