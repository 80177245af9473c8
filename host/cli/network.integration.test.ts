import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authority, startFront } from '../../test-fixtures/network/front.ts';
import { startProxy } from '../../test-fixtures/network/proxy.ts';
import { type CliRig, openCliRig } from './testing/cli-rig.ts';

// The built program, behind a real proxy and in front of a server with a certificate that nobody trusts by himself.

let rig: CliRig;
beforeEach(async () => {
  rig = await openCliRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

async function modelAt(baseURL: string): Promise<void> {
  const scripted = { options: { baseURL, apiKey: 'key' }, models: { scripted: {} } };
  const config = { model: 'scripted/scripted', provider: { scripted } };
  await writeFile(join(rig.home, 'config/opencode/opencode.json'), JSON.stringify(config));
}

const say = () => rig.millrace(['run', '--dir', rig.workspace, 'say something']);

test('requests go through the proxy that HTTP_PROXY names, and past it where NO_PROXY says so', async () => {
  await using proxy = await startProxy();
  rig.variables['HTTP_PROXY'] = proxy.url;
  expect(await say()).toMatchObject({ code: 0, stderr: '' });
  expect(new Set(proxy.targets)).toEqual(new Set([new URL(rig.model.url).host]));
  const before = proxy.targets.length;
  rig.variables['NO_PROXY'] = '127.0.0.1';
  expect((await say()).code).toBe(0);
  expect(proxy.targets).toHaveLength(before);
});

test('requests by TLS go through a tunnel of HTTPS_PROXY, to a server whose authority NODE_EXTRA_CA_CERTS names', async () => {
  await using proxy = await startProxy();
  await using front = await startFront(rig.model.origin, { isSecure: true });
  await modelAt(`https://localhost:${front.port}/v1`);
  rig.variables['HTTPS_PROXY'] = proxy.url;
  rig.variables['NODE_EXTRA_CA_CERTS'] = authority;
  expect(await say()).toMatchObject({ code: 0, stderr: '' });
  expect(new Set(proxy.targets)).toEqual(new Set([`localhost:${front.port}`]));
});

test('without that authority nothing is sent, and the certificate is said to be the reason', async () => {
  await using front = await startFront(rig.model.origin, { isSecure: true });
  await modelAt(`https://localhost:${front.port}/v1`);
  const { code, stderr } = await say();
  expect([code, stderr]).toEqual([1, expect.stringMatching(/certificate/i)]);
  expect(rig.model.requests).toEqual([]);
});
