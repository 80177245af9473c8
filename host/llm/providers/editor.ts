import { type EditorModels, editorModels } from '../framing/editor-models.ts';
import { editorChat } from '../protocol/editor-chat.ts';
import type { Route } from '../route.ts';

/** The models of the editor that this runs in. Who may use them, the editor asks its user. */
export function editor(models: EditorModels): Route {
  return {
    protocol: editorChat(),
    endpoint: { baseURL: 'vscode.lm', headers: {} },
    auth: { type: 'none' },
    framing: editorModels(models),
  };
}
