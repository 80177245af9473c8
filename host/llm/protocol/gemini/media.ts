import type { FileContent, ImageContent } from '../../schema.ts';
import type { MediaPart } from './wire.ts';

/** A picture or a document; what lies at an address is fetched by the server. */
export function mediaPart(content: ImageContent | FileContent): MediaPart {
  if (content.type === 'file') return inline(content.mime, content.data);
  const { source } = content;
  if (source.type === 'data') return inline(source.mime, source.data);
  return { fileData: { mimeType: mimeOf(source.url), fileUri: source.url } };
}

/** Whether the bytes themselves are at hand. */
export function isInline(content: ImageContent | FileContent): boolean {
  return content.type === 'file' || content.source.type === 'data';
}

function inline(mimeType: string, data: string): MediaPart {
  return { inlineData: { mimeType, data } };
}

const mimes: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
]);
const ending = /\.(\w+)(?:[?#]|$)/;

/** The server demands to be told. */
function mimeOf(url: string): string {
  const [, extension = ''] = ending.exec(url) ?? [];
  return mimes.get(extension.toLowerCase()) ?? 'image/jpeg';
}
