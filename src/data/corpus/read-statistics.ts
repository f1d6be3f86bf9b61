import type { BuiltCorpus } from './read.js';
import { StatisticsCounter, type CorpusStatistics } from './statistics.js';

/** Counts the training records of a corpus on disk. @throws DataError as `BuiltCorpus.records` */
export async function statisticsOfCorpus(
  corpus: BuiltCorpus,
  onProgress?: (done: number) => void,
): Promise<CorpusStatistics> {
  const counter = new StatisticsCounter();
  for await (const { number, record, tokens, origin } of corpus.records()) {
    counter.add({ ...origin, record, tokens });
    if (number % 1000 === 0) onProgress?.(number);
  }
  onProgress?.(corpus.index.records);
  return counter.result();
}
