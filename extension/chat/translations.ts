import * as vscode from 'vscode';
import { words } from '#shared/words.ts';

/** The texts of the page in the editor's language, by their English form; empty in English. */
export function translations(): Record<string, string> {
  if (vscode.l10n.bundle === undefined) return {};
  return Object.fromEntries(Object.values(words).map((english) => [english, vscode.l10n.t(english)]));
}
