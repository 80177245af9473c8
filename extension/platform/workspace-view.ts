import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { WorkspaceView } from '#host/ports/workspace-view.ts';
import { countsBelow, editorsBelow } from './seen-files.ts';

/** What the editor shows of a folder. Reads what is there: opens no document, asks no language service. */
export function createWorkspaceView(): WorkspaceView {
  return {
    async openEditors(directory) {
      const tabs = vscode.window.tabGroups.all.flatMap((group) =>
        group.tabs.flatMap(({ input }) => uriOf(input)),
      );
      const active = vscode.window.activeTextEditor?.document.uri;
      return editorsBelow(await namesOf(directory), {
        open: tabs.flatMap(pathOf),
        active: active && pathOf(active)[0],
      });
    },
    async diagnostics(directory) {
      const all = vscode.languages.getDiagnostics().flatMap(([uri, diagnostics]) =>
        pathOf(uri).map((path) => ({
          path,
          errors: countOf(diagnostics, vscode.DiagnosticSeverity.Error),
          warnings: countOf(diagnostics, vscode.DiagnosticSeverity.Warning),
        })),
      );
      return countsBelow(await namesOf(directory), all);
    },
  };
}

/** A folder opened through a link has two names, and its files may be open under either. */
async function namesOf(directory: string): Promise<readonly string[]> {
  // A folder that is gone or out of reach has no other name.
  const real = await realpath(directory).catch(() => directory);
  return [directory, real];
}

function uriOf(input: unknown): readonly vscode.Uri[] {
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff)
    return [input.modified];
  const isFile =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook;
  return isFile ? [input.uri] : [];
}

function pathOf({ scheme, fsPath }: vscode.Uri): readonly string[] {
  return scheme === 'file' ? [fsPath] : [];
}

function countOf(diagnostics: readonly vscode.Diagnostic[], of: vscode.DiagnosticSeverity): number {
  return diagnostics.filter(({ severity }) => severity === of).length;
}
