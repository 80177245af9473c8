import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { DocumentEdit, Documents } from '#host/ports/documents.ts';
import { smallestEdit } from './smallest-edit.ts';

/** Documents that the editor holds open. Nothing here opens a tab, moves the focus or the selection. */
export function createDocuments(): Documents {
  return {
    async find(path) {
      const document = await openDocument(path);
      return document && { text: document.getText(), dirty: document.isDirty };
    },
    async replace(path, { expected, text }) {
      const document = await openDocument(path);
      if (!document) return { type: 'not-open' };
      if (document.getText() !== expected) return { type: 'changed' };
      return applyEdit(document, text);
    },
  };
}

async function applyEdit(document: vscode.TextDocument, text: string): Promise<DocumentEdit> {
  const wasDirty = document.isDirty;
  const { start, end, insert } = smallestEdit(document.getText(), text);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), insert);
  if (!(await vscode.workspace.applyEdit(edit))) return { type: 'changed' };
  const saved = !wasDirty && (await document.save());
  return { type: 'applied', text: document.getText(), saved };
}

/** By path, and by real path: a document may have been opened through a link. */
async function openDocument(path: string): Promise<vscode.TextDocument | undefined> {
  const files = vscode.workspace.textDocuments.filter(
    ({ uri, isClosed }) => uri.scheme === 'file' && !isClosed,
  );
  const exact = files.find(({ uri }) => uri.fsPath === path);
  if (exact) return exact;
  // A document whose file is gone or out of reach has no real path, and so is not the one looked for.
  const real = await Promise.all(files.map(({ uri }) => realpath(uri.fsPath).catch(() => undefined)));
  return files[real.indexOf(path)];
}
