import type { FileContent, ImageContent } from '../../schema.ts';
import type { DocumentBlock, ImageBlock, MediaSource, TextBlock } from './wire.ts';

/** Pictures and documents of one request. Names of documents have few characters to choose from, and are unique. */
export class Media {
  readonly #names = new Set<string>();

  block(content: ImageContent | FileContent): ImageBlock | DocumentBlock | TextBlock {
    return content.type === 'file' ? this.#document(content) : image(content);
  }

  #document({ mime, data, name = '' }: FileContent): DocumentBlock | TextBlock {
    const format = documentFormat(mime, name);
    if (format === undefined) return unreadable(`A file of type ${mime}`);
    return { document: { format, name: this.#unique(name), source: { bytes: data } } };
  }

  #unique(wanted: string): string {
    const clean = wanted.replace(extension, '').replace(refused, ' ').replace(spaces, ' ').trim();
    const base = clean.slice(0, longest).trim() || 'document';
    let name = base;
    for (let count = 2; this.#names.has(name); count += 1) name = `${base} (${count})`;
    this.#names.add(name);
    return name;
  }
}

const extension = /\.\w{1,5}$/;
/** Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html */
const refused = /[^a-zA-Z0-9\s()[\]-]/g;
const spaces = /\s+/g;
/** 200 less the room for a number. */
const longest = 190;

function image({ source }: ImageContent): ImageBlock | TextBlock {
  if (source.type === 'data') return picture(source.mime, { bytes: source.data });
  const { url } = source;
  if (!url.startsWith('s3://')) return unreadable(`A picture at ${url}`);
  return picture(`image/${url.split('.').at(-1)?.toLowerCase()}`, { s3Location: { uri: url } });
}

function picture(mime: string, source: MediaSource): ImageBlock | TextBlock {
  const format = imageFormats.get(mime);
  return format === undefined ? unreadable(`A picture of type ${mime}`) : { image: { format, source } };
}

/** Said instead of shown: the request as a whole would be refused. */
function unreadable(what: string): TextBlock {
  return { text: `[${what} belongs here. This model cannot be shown it.]` };
}

const imageFormats: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpeg'],
  ['image/jpg', 'jpeg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
]);

function documentFormat(mime: string, name: string): string | undefined {
  const known = documentFormats.get(mime);
  if (known !== undefined) return known;
  const ending = name.split('.').at(-1)?.toLowerCase() ?? '';
  if (documentEndings.has(ending)) return ending;
  return textual.test(mime) ? 'txt' : undefined;
}

const textual = /^text\/|json|xml|yaml|javascript/;

const documentFormats: ReadonlyMap<string, string> = new Map([
  ['application/pdf', 'pdf'],
  ['text/csv', 'csv'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['text/html', 'html'],
  ['text/markdown', 'md'],
]);

const documentEndings: ReadonlySet<string> = new Set([...documentFormats.values(), 'txt']);
