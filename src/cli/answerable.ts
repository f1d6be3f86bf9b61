import type { Command } from 'commander';
import { AppError } from '../base/errors.js';
import type { Refusal } from '../sql/answer.js';
import { EXIT, UsageError } from './errors.js';
import { answerLines, asObject, type JsonLine, type LineAnswer } from './json-lines.js';
import { OVERLAY_HELP, VALUES_HELP } from './options.js';
import { printJson } from './output.js';

interface Options {
  schema: string;
  overlay?: string;
  values?: string;
  jsonl?: true;
}

/** What is printed for a question. A question that cannot be answered is no error. */
interface Verdict {
  answerable: boolean;
  reasons: Refusal[];
}

const HELP = `
Prints {"answerable": …, "reasons": [{"code", "message"}]}. The codes: not-in-schema if the schema has nothing for what
the question names; no-query if it is an order, asks for advice or what a word means, or is not in English; needs-having,
needs-window, needs-subquery or needs-union if one flat SELECT cannot answer it; unplaceable if no column can hold an ID;
incomplete-date, invalid-date, unread-time or unread-number if a date or a number has to be asked for. Messages name
words of the question and placeholders, no values. The exit code is 0 whatever the verdict, 2 if a question cannot be read.`;

export function answerableCommand(command: Command): void {
  command
    .argument('[question]')
    .requiredOption('--schema <file>', 'schema bundle, or the name of a bundle of this package')
    .option('--overlay <file>', OVERLAY_HELP)
    .option('--values <path>', VALUES_HELP)
    .option('--jsonl', 'read {"question": …} lines from stdin, print one object per line')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(question: string | undefined, { schema, overlay, values, jsonl }: Options): Promise<void> {
  if (question === undefined && !jsonl)
    throw new UsageError('give a question, or --jsonl to read questions from stdin');
  if (question !== undefined && jsonl)
    throw new UsageError('--jsonl reads questions from stdin; leave the argument out');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { judge } = await import('../sql/answerable/gate.js');
  const { refuseUnread } = await import('../sql/refusals.js');
  const { loadCalibration } = await import('../sql/answerable/load.js');
  const { extract, knowledgeOf } = await import('../sql/vault/index.js');
  const { openValues } = await import('../data/values/open-values.js');
  const index = new SchemaIndex(loadBundle(schema, overlay));
  const { bundle } = index;
  const knowledge = knowledgeOf(bundle, values === undefined ? undefined : openValues(values, bundle));
  const hasValues = values !== undefined;
  const { threshold } = await loadCalibration();
  const verdictOn = (text: string): Verdict => {
    const asked = extract(text, { knowledge });
    const unread = refuseUnread(asked);
    const { reasons: others } = judge(asked, index, { threshold, hasValues });
    const reasons = unread === undefined ? others : [unread, ...others];
    return { answerable: reasons.length === 0, reasons };
  };
  if (question !== undefined) return printJson(verdictOn(question));
  const isReadable = await answerLines((line) => answerLine(line, verdictOn));
  if (!isReadable) process.exitCode = EXIT.badInput;
}

function answerLine(line: JsonLine, verdictOn: (question: string) => Verdict): LineAnswer {
  if ('fault' in line) return unreadable('bad-line', line.fault);
  const question = asObject(line.value)?.['question'];
  if (typeof question !== 'string') return unreadable('bad-line', 'the line has no text in "question"');
  try {
    return { output: verdictOn(question), isReadable: true };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return unreadable(error.code, error.message);
  }
}

function unreadable(code: string, message: string): LineAnswer {
  return { output: { answerable: false, reasons: [{ code, message }] }, isReadable: false };
}
