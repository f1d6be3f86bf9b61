import type { Command } from 'commander';

/** Adds arguments, options and action to a command whose name and description are set. */
export type Configure = (command: Command) => void;

export interface CommandEntry {
  name: string;
  description: string;
  /** Loads the command's file: `--help` and a mistyped command load none of them. */
  load: () => Promise<Configure>;
}

/** Every command, in the order of `engine --help`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    description: 'build a small corpus, train a model on it, and ask the model questions it has not seen',
    load: async () => (await import('./demo.js')).demoCommand,
  },
  {
    name: 'generate',
    description: 'turn a question into one validated T-SQL SELECT (stdout contains nothing else)',
    load: async () => (await import('./generate.js')).generateCommand,
  },
  {
    name: 'continue',
    description: 'continue a text with a model that was trained on plain text',
    load: async () => (await import('./continue.js')).continueCommand,
  },
  {
    name: 'ask',
    description: 'answer questions one after another in a terminal, or those of a file',
    load: async () => (await import('./ask.js')).askCommand,
  },
  {
    name: 'serve',
    description: 'answer questions over HTTP, on this machine unless told otherwise, with a page and an API',
    load: async () => (await import('./serve.js')).serveCommand,
  },
  {
    name: 'mcp',
    description: 'answer questions and check statements for an MCP client, over stdin and stdout',
    load: async () => (await import('./mcp.js')).mcpCommand,
  },
  {
    name: 'eval',
    description: 'ask a model the questions of a set, and say how many answers are right',
    load: async () => (await import('./eval.js')).evalCommand,
  },
  {
    name: 'train',
    description: 'train a decoder on a corpus, or resume an interrupted run',
    load: async () => (await import('./train.js')).trainCommand,
  },
  {
    name: 'runs',
    description: 'list training runs with their steps, losses and checkpoints; needs no GPU',
    load: async () => (await import('./runs.js')).runsCommand,
  },
  {
    name: 'report',
    description: 'write a training run as one HTML page: curves, answers and settings; needs no GPU',
    load: async () => (await import('./report.js')).reportCommand,
  },
  {
    name: 'data',
    description: 'build, check, show and export training corpora',
    load: async () => (await import('./data.js')).dataCommand,
  },
  {
    name: 'schema',
    description: 'check schema bundles, or import one from DDL or a SQL Server',
    load: async () => (await import('./schema.js')).schemaCommand,
  },
  {
    name: 'values',
    description: 'index the values of a database on this machine, so that questions can name them',
    load: async () => (await import('./values.js')).valuesCommand,
  },
  {
    name: 'validate',
    description: 'check that a statement is one safe SELECT over a schema',
    load: async () => (await import('./validate.js')).validateCommand,
  },
  {
    name: 'vault',
    description: 'replace the IDs, dates and other values of a question with placeholders',
    load: async () => (await import('./vault.js')).vaultCommand,
  },
  {
    name: 'answerable',
    description: 'say whether a schema can answer a question, and why not, without a model',
    load: async () => (await import('./answerable.js')).answerableCommand,
  },
  {
    name: 'model',
    description: "print a model's parameters, training memory and FLOPs; needs no GPU",
    load: async () => (await import('./model.js')).modelCommand,
  },
  {
    name: 'export',
    description:
      'write a model for transformers or llama.cpp, or in small files for engine import; needs no adapter',
    load: async () => (await import('./export.js')).exportCommand,
  },
  {
    name: 'import',
    description: 'make a model folder from what engine export wrote, or from a StableLM of transformers',
    load: async () => (await import('./import.js')).importCommand,
  },
  {
    name: 'inspect',
    description: "show a model's tensors, or what it read while it wrote a statement",
    load: async () => (await import('./inspect.js')).inspectCommand,
  },
  {
    name: 'doctor',
    description: 'list the graphics adapters, and test the chosen one with a real kernel',
    load: async () => (await import('./doctor.js')).doctorCommand,
  },
  {
    name: 'completion',
    description: 'print a script that completes commands and options in bash, zsh or fish',
    load: async () => (await import('./completion.js')).completionCommand(() => COMMANDS),
  },
  {
    name: 'bench',
    description: 'time kernels, training, decoding, data and SQL on this machine',
    load: async () => (await import('./bench.js')).benchCommand,
  },
  {
    name: 'calibrate',
    description: 'find the score above which a question is refused, or the confidence that a statement needs',
    load: async () => (await import('./calibrate.js')).calibrateCommand,
  },
];
