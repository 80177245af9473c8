import type { Protocol } from '../route.ts';
import { editorDecoder } from './editor-chat/decode.ts';
import { encodeEditorChat } from './editor-chat/encode.ts';
import { classifyEditor } from './editor-chat/errors.ts';
import { type EditorRequest, protocolID } from './editor-chat/wire.ts';

export type { EditorRequest };

/**
 * The language models that an editor offers to its extensions. It is no wire format: requests and answers are plain
 * values, which whoever stands in the editor turns into the editor's own.
 * Source: https://code.visualstudio.com/api/extension-guides/ai/language-model
 */
export function editorChat(): Protocol {
  return {
    id: protocolID,
    path: ({ model }) => `/${model}`,
    encode: encodeEditorChat,
    decoder: editorDecoder,
    classify: classifyEditor,
  };
}
