import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const vsix = await readFile('dist/millrace.vsix');

test('the VSIX holds what runs and what is read, and nothing else', () => {
  const files = namesInZip(vsix);
  const expected = [
    /^\[Content_Types\]\.xml$/,
    /^extension\.vsixmanifest$/,
    /^extension\/(package\.json|package\.nls(\.[\w-]+)?\.json|readme\.md|changelog\.md|LICENSE\.txt|icon\.png)$/i,
    /^extension\/l10n\/.+\.json$/,
    /^extension\/docs\/images\/.+\.(png|svg)$/,
    /^extension\/extension\/media\/.+\.svg$/,
    /^extension\/dist\/.+\.(js|wasm|ttf|css|json)$/,
    /^extension\/dist\/models-dev\.(json\.br|LICENSE\.txt)$/,
  ];
  expect(files.filter((file) => !expected.some((pattern) => pattern.test(file)))).toEqual([]);
});

test.each([
  'dist/extension.js',
  'dist/host.js',
  'dist/store-worker.js',
  'dist/sql-wasm.wasm',
  'dist/models-dev.json.br',
  'dist/models-dev.LICENSE.txt',
  'dist/webview/main.js',
  'dist/webview/codicon.ttf',
  'extension/media/millrace.svg',
  'package.json',
  'LICENSE.txt',
])('the VSIX holds %s', (file) => {
  expect(namesInZip(vsix)).toContain(`extension/${file}`);
});

test('the VSIX holds no source map, no command line and no dependency folder', () => {
  const files = namesInZip(vsix).join('\n');
  expect(files).not.toMatch(/\.map$|dist\/cli\.js|node_modules|\.ts$/m);
});

/** The names in a ZIP's central directory, whose records are found from the end of the file. */
function namesInZip(zip: Buffer): readonly string[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    names.push(zip.toString('utf8', at + 46, at + 46 + (name ?? 0)));
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return names;
}
