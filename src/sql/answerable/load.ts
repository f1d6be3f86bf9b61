import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../../data/errors.js';
import { packageRoot, userDataFolder } from '../../base/paths.js';
import type { Calibration } from './calibrate.js';
import { CONFIDENCE_FILE, confidenceCalibration, type ConfidenceCalibration } from './confidence.js';
import { drawnFigures, share } from './questions.js';

/** The calibration that ships with the package; `engine calibrate --out configs/answerable.json` updates it. */
export const CALIBRATION_FILE = join(packageRoot, 'configs', 'answerable.json');

/** The user's own calibration, which `engine calibrate` writes by default; it need not exist. */
export function userCalibrationFile(): string {
  return join(userDataFolder(), 'answerable.json');
}

/** The user's calibration if there is one, else the package's. */
function calibrationFile(): string {
  const own = userCalibrationFile();
  return existsSync(own) ? own : CALIBRATION_FILE;
}

const calibration = z.object({
  threshold: z.number().positive(),
  figures: drawnFigures.extend({ caughtOtherSchema: share }),
});

/** @throws DataError `bad-calibration` if the file is not a calibration; a system error if it does not exist */
export function loadCalibration(file = calibrationFile()): Promise<Calibration> {
  return load(file, calibration, 'engine calibrate');
}

/** Reads what `engine calibrate --model` measured for a model folder; undefined if it never ran. */
export async function loadConfidence(folder: string): Promise<ConfidenceCalibration | undefined> {
  const file = join(folder, CONFIDENCE_FILE);
  if (!existsSync(file)) return undefined;
  return load(file, confidenceCalibration, 'engine calibrate --model');
}

async function load<T>(file: string, form: z.ZodType<T>, command: string): Promise<T> {
  const text = await readFile(file, 'utf8');
  try {
    return form.parse(JSON.parse(text));
  } catch {
    throw new DataError({
      code: 'bad-calibration',
      message: 'is not a calibration',
      file,
      hint: `recreate it with ${command}`,
    });
  }
}
