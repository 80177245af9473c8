import { readFile, writeFile } from 'node:fs/promises';
import { completed, missingOptional } from './lock-file.ts';

/** `npm run lock:complete`: after `npm install`, names the platform builds that the registry at hand does not have. */
const file = 'package-lock.json';
const lock = JSON.parse(await readFile(file, 'utf8'));
const missing = missingOptional(lock);
if (missing.length > 0) await writeFile(file, `${JSON.stringify(completed(lock), undefined, 2)}\n`);
console.log(`${file}: ${missing.length} optional packages added.`);
