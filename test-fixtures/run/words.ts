import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { words } from '#shared/words.ts';

// `npm run words`: writes the bundle that translators start from, out of the catalog of texts.

const entries = [...new Set<string>(Object.values(words))].sort().map((text) => [text, text]);
const path = join(import.meta.dirname, '../../l10n/bundle.l10n.json');
writeFileSync(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
