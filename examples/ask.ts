/**
 * Turns one question into one T-SQL SELECT, by default with the model that ships for OMOP:
 *
 *     npx tsx examples/ask.ts [MODEL_FOLDER] ["a question"]
 */
import { openAgent } from 'openward/sql';

const [model = 'models/omop', question = 'How many visits did patient 48213 have since March 5, 2024?'] =
  process.argv.slice(2);

const agent = await openAgent({ schema: 'omop_cdm_5_4', model });
const { statement, explanation, refusal, verdict, notes } = await agent.ask(question);
await agent.close();

// How doubtful values were read: an ambiguous date, a two-digit year.
for (const { message } of notes) console.error(message);

if (statement === undefined) {
  console.error(refusal?.message ?? `no valid statement: ${verdict.errors[0]?.message}`);
  process.exitCode = 1;
} else {
  console.log(statement);
  console.log(explanation);
}
