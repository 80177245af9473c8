import * as vscode from 'vscode';
import { type Browser, isSafeAddress } from '#host/ports/browser.ts';
import { HostError } from '#shared/host-error.ts';

/** The browser on the user's machine, wherever the extension runs. */
export const editorBrowser: Browser = {
  async open(address) {
    if (!isSafeAddress(address)) throw new HostError('browser.address', 'Not an address of a web page.');
    return vscode.env.openExternal(vscode.Uri.parse(address, true));
  },
  async asExternal(address) {
    const external = await vscode.env.asExternalUri(vscode.Uri.parse(address, true));
    // Without encoding it a second time.
    return external.toString(true);
  },
};
