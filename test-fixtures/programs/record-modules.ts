// Imported before a program (`node --import`): every module that it loads is a line of the file $RECORDED_MODULES.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const path = process.env['RECORDED_MODULES'] ?? '';

registerHooks({
  load(url, context, nextLoad) {
    appendFileSync(path, `${url}\n`);
    return nextLoad(url, context);
  },
});
