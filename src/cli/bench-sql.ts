import type { Command } from 'commander';
import { note, printJson, printLine } from './output.js';

export function register(bench: Command): void {
  bench
    .command('sql')
    .description('time validator, renderer, vault, linker and grammar on corpus questions, on one core')
    .option('--json', 'print everything as JSON')
    .action(run);
}

// The command above has --json as well, and takes it wherever it stands.
async function run(_own: unknown, command: Command): Promise<void> {
  const { benchSql } = await import('../sql/bench.js');
  const report = await benchSql(note);
  if (command.optsWithGlobals<{ json?: true }>().json) return printJson(report);
  await printLine(`${report.cpu}, node ${report.node}, commit ${report.commit}`);
  for (const { name, value, unit, spread } of report.results) {
    const figure = Math.round(value).toString().padStart(10);
    await printLine(`${name.padEnd(34)} ${figure} ${unit} ±${(100 * spread).toFixed(1)}%`);
  }
}
