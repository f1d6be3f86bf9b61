import type { Command } from 'commander';
import { note, printJson, printLine } from './output.js';

export function benchSqlCommand(bench: Command): void {
  bench
    .command('sql')
    .description('time validator, renderer, vault and grammar on corpus questions, on one core; needs benny')
    .option('--json', 'print everything as JSON')
    .action(run);
}

async function run({ json }: { json?: true }): Promise<void> {
  const { benchSql } = await import('../sql/bench.js');
  const report = await benchSql(note);
  if (json) return printJson(report);
  await printLine(`${report.cpu}, node ${report.node}, commit ${report.commit}`);
  for (const { name, value, unit, spread } of report.results) {
    const figure = Math.round(value).toString().padStart(10);
    await printLine(`${name.padEnd(34)} ${figure} ${unit} ±${(100 * spread).toFixed(1)}%`);
  }
}
