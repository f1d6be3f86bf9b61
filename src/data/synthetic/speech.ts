import type { Speech } from '../corpus/topics/speech.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';

interface Words {
  words: string;
  others: readonly string[];
}

/** What people call the tables and columns of an invented schema, by name: the schema itself does not say. */
export class InventedSpeech implements Speech {
  private readonly tables = new Map<string, Words>();
  private readonly columns = new Map<string, Words>();

  tellTable(table: string, words: string, others: readonly string[]): void {
    this.tables.set(foldTableName(table), { words, others });
  }

  tellColumn(table: string, column: string, words: string, others: readonly string[]): void {
    this.columns.set(keyOf(table, column), { words, others });
  }

  noun(table: { name: string }): string {
    return this.tables.get(foldTableName(table.name))!.words;
  }

  otherNouns(table: { name: string }): readonly string[] {
    return this.tables.get(foldTableName(table.name))!.others;
  }

  words(table: { name: string }, column: { name: string }): string {
    return this.columns.get(keyOf(table.name, column.name))?.words ?? '';
  }

  otherWords(table: { name: string }, column: { name: string }): readonly string[] {
    return this.columns.get(keyOf(table.name, column.name))?.others ?? [];
  }
}

function keyOf(table: string, column: string): string {
  return `${foldTableName(table)}\n${foldName(column)}`;
}
