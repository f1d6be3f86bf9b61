import { MAX_PLACEHOLDERS, placeholderName } from '../../data/placeholder.js';
import type { PlaceholderPrefix } from '../../data/placeholder.js';
import { markAges } from './ages.js';
import { VaultError } from './errors.js';
import { checkQuestion } from './guard.js';
import { restore } from './restore.js';
import { scanQuestion } from './scan.js';
import { coverRepeats, wholeWordAt } from './repeats.js';
import type { Misspelled } from './mentions/line.js';
import type { SchemaKnowledge } from './schema-knowledge.js';
import type { Match, Note, Span, VaultEntry, VaultOptions, VaultResult } from './types.js';

/**
 * Takes the values out of a question: IDs, codes, dates, quoted text, and numbers that something is compared with. The
 * model sees `question` and each placeholder's name, kind and type.
 *
 * `restore(result.question, result.placeholders)` gives the original question, byte for byte.
 *
 * @throws VaultError if the question is empty, longer than 10 kB, contains text like `__ID_1__`, or has more than
 *   MAX_PLACEHOLDERS values of one prefix
 */
export function extract(question: string, options: VaultOptions = {}): VaultResult {
  checkQuestion(question);
  const { matches: found, misspelled } = scanQuestion(question, options);
  const matches = coverRepeats(question, markAges(question, found));
  const placeholders: VaultEntry[] = [];
  const names = new Namer(placeholders, options.knowledge);
  const notes: Note[] = [];
  let masked = '';
  let done = 0;
  for (const match of matches) {
    const span: Span = { start: match.start, end: match.end, text: question.slice(match.start, match.end) };
    const name = names.nameOf(match, span);
    if (match.before !== undefined) span.before = match.before;
    if (match.after !== undefined) span.after = match.after;
    masked += question.slice(done, match.start) + (match.before ?? '') + name + (match.after ?? '');
    done = match.end;
    if (match.notes !== undefined) {
      const place = `${name} (at character ${match.start})`;
      for (const { code, message } of match.notes)
        notes.push({ code, message: `${place} ${message}`, name, start: match.start, end: match.end });
    }
  }
  masked += question.slice(done);
  const read = misspelled.length === 0 ? undefined : asRead(masked, misspelled, question);
  for (const { start, end, meant, isCase } of misspelled) {
    if (isCase) continue;
    const message = `'${question.slice(start, end)}' (at character ${start}) was read as '${meant.trim()}' and stays in the question`;
    notes.push({ code: 'misspelled-word', message, start, end });
  }
  // Only an underscore in the question itself can run into a placeholder's and be read as part of it.
  if (matches.length > 0 && question.includes('_') && !restoresTo(question, masked, placeholders)) {
    throw new VaultError(
      'masking-failed',
      'the question cannot be masked unambiguously; put spaces around its values',
    );
  }
  return read === undefined
    ? { question: masked, placeholders, notes }
    : { question: masked, read, placeholders, notes };
}

/** The masked question with each misspelled word as it was meant. Such words stay, so they are found again in order. */
function asRead(masked: string, misspelled: readonly Misspelled[], question: string): string {
  let read = '';
  let done = 0;
  for (const { start, end, meant } of misspelled) {
    const spelled = question.slice(start, end);
    // `w/` may run into the value after it.
    const at = spelled.endsWith('/') ? masked.indexOf(spelled, done) : wholeWordAt(masked, spelled, done);
    if (at < 0) continue;
    read += masked.slice(done, at) + meant;
    done = at + spelled.length;
  }
  return read + masked.slice(done);
}

function restoresTo(question: string, masked: string, placeholders: readonly VaultEntry[]): boolean {
  try {
    return restore(masked, placeholders) === question;
  } catch {
    return false;
  }
}

/** Assigns placeholders to values. Equal values share one. */
class Namer {
  private readonly counts = new Map<PlaceholderPrefix, number>();

  constructor(
    private readonly entries: VaultEntry[],
    private readonly knowledge: SchemaKnowledge | undefined,
  ) {}

  nameOf(match: Match, span: Span): string {
    for (const known of this.entries) {
      if (!isSame(known, match)) continue;
      known.spans.push(span);
      if (known.kind === 'key') known.kind = match.kind;
      return known.name;
    }
    const { prefix, kind, type, value, literals } = match;
    const n = (this.counts.get(prefix) ?? 0) + 1;
    if (n > MAX_PLACEHOLDERS) {
      const message = `the question has more than ${MAX_PLACEHOLDERS} ${prefix} values; ask about fewer at a time`;
      throw new VaultError('too-many-placeholders', message, match.start);
    }
    this.counts.set(prefix, n);
    const name = placeholderName(prefix, n);
    const isTextId = prefix === 'ID' && type === 'varchar';
    const columns = match.columns ?? (isTextId ? this.knowledge?.idColumns(kind) : undefined);
    const entry: VaultEntry = { name, kind, type, value, ...span, spans: [span] };
    if (match.before !== undefined || match.after !== undefined) entry.shown = value;
    if (columns !== undefined && columns.length > 0) entry.columns = columns;
    if (literals !== undefined) entry.literals = literals;
    if (match.part !== undefined) entry.part = match.part;
    this.entries.push(entry);
    return name;
  }
}

/**
 * One number used as a patient's ID and as an order's ID is two values. Repeated without a noun, it is the value that
 * was named.
 */
function isSame(entry: VaultEntry, match: Match): boolean {
  if (
    entry.value !== match.value ||
    entry.part !== match.part ||
    !entry.name.startsWith(`__${match.prefix}_`)
  )
    return false;
  return (
    entry.kind === match.kind || (match.prefix === 'ID' && (entry.kind === 'key' || match.kind === 'key'))
  );
}
