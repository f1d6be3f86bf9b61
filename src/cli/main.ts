#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../base/paths.js';
import { register as bench } from './bench.js';
import { register as calibrate } from './calibrate.js';
import { register as data } from './data.js';
import { register as demo } from './demo.js';
import { register as doctor } from './doctor.js';
import { reportError } from './errors.js';
import { register as exportModel } from './export.js';
import { register as generate } from './generate.js';
import { register as model } from './model.js';
import { endOutput, guardOutput } from './output.js';
import { register as schema } from './schema.js';
import { register as train } from './train.js';
import { register as validate } from './validate.js';
import { register as vault } from './vault.js';

function createProgram(): Command {
  const { version, description } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  const program = new Command('engine')
    .description(description)
    .version(version)
    .option('--verbose', 'show stack traces and what happens on the way')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 2 bad input or usage; 3 no valid statement; 1 a fault of the program.',
    );
  for (const register of [
    demo,
    generate,
    train,
    data,
    schema,
    validate,
    vault,
    model,
    exportModel,
    doctor,
    bench,
    calibrate,
  ]) {
    register(program);
  }
  return program;
}

guardOutput();
const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error, { verbose: program.opts<{ verbose?: boolean }>().verbose ?? false });
}
// Dawn keeps threads that would keep the process alive.
await endOutput();
process.exit();
