import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import { DevModel, DevProvider, type ModelsDev, modelKeys, providerKeys } from './models-dev.ts';

/**
 * The stored form of the catalogue: a line of JSON that says what it is and lists the providers, then one line for
 * each of them with its models. So opening it reads one line, and each provider costs what it holds when it is asked for.
 */
const Head = Schema.Struct({
  format: Schema.Literal('millrace-models'),
  version: Schema.Literal(1),
  date: Schema.String,
  /** What the server called this state of the file. */
  etag: Schema.optionalKey(Schema.String),
  /** When the server last said that this is its state, in milliseconds since the epoch. */
  checkedAt: Schema.optionalKey(Schema.Int),
  providers: Schema.Array(Schema.Unknown),
});

const HeadLine = Schema.fromJsonString(Head);
const ModelsLine = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown));
const decodeHead = Schema.decodeUnknownResult(HeadLine);
const decodeModels = Schema.decodeUnknownResult(ModelsLine);
const decodeProvider = Schema.decodeUnknownResult(DevProvider);
const decodeModel = Schema.decodeUnknownResult(DevModel);

export interface ModelsFile {
  readonly models: ModelsDev;
  readonly etag?: string;
  readonly checkedAt?: number;
}

/** Is told of each entry that was left out, once: which it was, and why. */
export type OnLeftOut = (entry: string, reason: string) => void;

/**
 * Opens the stored form; models are decoded when they are asked for.
 * @throws HostError `models.damaged`
 */
export function readModelsFile(bytes: Uint8Array, onLeftOut: OnLeftOut): ModelsFile {
  const lines = linesOf(bytes);
  const head = decodeHead(textOf(lines[0]));
  if (head._tag === 'Failure') throw damaged(String(head.failure.message));
  const { date, etag, checkedAt, providers } = head.success;
  if (providers.length !== lines.length - 1) throw damaged('it ends early');
  const entries = providers.flatMap((raw, index) => {
    const decoded = decodeProvider(raw);
    if (decoded._tag === 'Success') return [{ provider: decoded.success, line: lines[index + 1] }];
    onLeftOut(`provider ${index + 1}`, firstLine(decoded.failure.message));
    return [];
  });
  const models = openModels(date, new Map(entries.map((each) => [each.provider.id, each])), onLeftOut);
  return {
    models,
    ...(etag === undefined ? {} : { etag }),
    ...(checkedAt === undefined ? {} : { checkedAt }),
  };
}

type Entry = { readonly provider: DevProvider; readonly line: Uint8Array | undefined };

function openModels(date: string, entries: ReadonlyMap<string, Entry>, onLeftOut: OnLeftOut): ModelsDev {
  const decoded = new Map<string, ReadonlyMap<string, DevModel>>();
  return {
    date,
    providers: [...entries.values()].map(({ provider }) => provider),
    provider: (id) => entries.get(id)?.provider,
    models(id) {
      const entry = entries.get(id);
      if (!entry) return new Map();
      const models = decoded.get(id) ?? modelsOf(entry, onLeftOut);
      decoded.set(id, models);
      return models;
    },
  };
}

function modelsOf({ provider, line }: Entry, onLeftOut: OnLeftOut): ReadonlyMap<string, DevModel> {
  const raw = decodeModels(textOf(line));
  if (raw._tag === 'Failure') {
    onLeftOut(provider.id, firstLine(raw.failure.message));
    return new Map();
  }
  const models = new Map<string, DevModel>();
  for (const [id, each] of Object.entries(raw.success)) {
    const model = decodeModel(each);
    if (model._tag === 'Success') models.set(id, model.success);
    else onLeftOut(`${provider.id}/${id}`, firstLine(model.failure.message));
  }
  return models;
}

/** Fewer than this are not the catalogue, whatever they are. */
const fewestProviders = 10;

export interface Origin {
  readonly etag?: string;
  readonly checkedAt?: number;
}

/**
 * Makes the stored form of what models.dev serves, trimmed to what is read: equal input gives equal bytes. Entries are
 * not judged here; a wholly different file is refused.
 * @throws HostError `models.damaged`
 */
export function writeModelsFile(served: unknown, origin: Origin = {}): Uint8Array {
  const providers = entriesOf(served)
    .flatMap(([id, raw]) =>
      isObject(raw) && isObject(raw['models']) ? [{ id, raw, models: raw['models'] }] : [],
    )
    .toSorted((a, b) => compare(a.id, b.id));
  if (providers.length < fewestProviders) throw damaged(`it has ${providers.length} providers`);
  const heads = providers.map(({ id, raw }) => ({ ...kept(raw, providerKeys), id }));
  const date = providers.flatMap(({ models }) => Object.values(models).map(updatedOf)).reduce(later, '');
  const head = { format: 'millrace-models', version: 1, date, ...origin, providers: heads };
  const lines = providers.map(({ models }) => JSON.stringify(keptModels(models)));
  return Buffer.from([JSON.stringify(head), ...lines].join('\n'));
}

/** The same with another origin: the first line anew, the rest as it is. */
export function withOrigin(bytes: Uint8Array, origin: Origin): Uint8Array {
  const end = bytes.indexOf(10);
  const head: unknown = JSON.parse(textOf(bytes.subarray(0, end)));
  const line = JSON.stringify({ ...(isObject(head) ? head : {}), ...origin });
  return Buffer.concat([Buffer.from(line), bytes.subarray(end)]);
}

type RawObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}

function keptModels(models: RawObject): object {
  const sorted = Object.entries(models).toSorted(([a], [b]) => compare(a, b));
  return Object.fromEntries(
    sorted.map(([id, model]) => [id, isObject(model) ? kept(model, modelKeys) : null]),
  );
}

/** Key by key in one order, so that the bytes do not hang on the order that was served. */
function kept(raw: RawObject, keys: ReadonlySet<string>): object {
  const entries = Object.entries(raw).filter(([key]) => keys.has(key));
  return Object.fromEntries(entries.toSorted(([a], [b]) => compare(a, b)));
}

const day = /^\d{4}-\d{2}(?:-\d{2})?$/;

function updatedOf(model: unknown): string {
  const updated = isObject(model) ? model['last_updated'] : undefined;
  return typeof updated === 'string' && day.test(updated) ? updated : '';
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Lines as bytes: a line becomes a text when it is read. */
function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let from = 0;
  for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return [...lines, bytes.subarray(from)];
}

function textOf(line: Uint8Array | undefined): string {
  return line === undefined
    ? ''
    : Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8');
}

function firstLine(message: unknown): string {
  return String(message).split('\n').slice(0, 2).join(' ').trim();
}

function damaged(reason: string): HostError {
  return new HostError('models.damaged', `This is not a catalogue of models: ${firstLine(reason)}.`);
}
