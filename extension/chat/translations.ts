import * as vscode from 'vscode';
import { pageWords } from '#shared/page-words.ts';

/** The texts of the page in the editor's language, by their English form; empty in English. */
export function translations(): Record<string, string> {
  if (vscode.l10n.bundle === undefined) return {};
  return Object.fromEntries(Object.values(pageWords).map((english) => [english, vscode.l10n.t(english)]));
}
