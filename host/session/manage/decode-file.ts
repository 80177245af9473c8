import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import { fromOpenCode } from './opencode-file.ts';
import { type DecodedFile, invalidFile, SessionFile } from './session-file.ts';

const decode = Schema.decodeUnknownResult(SessionFile);
const Head = Schema.Struct({
  format: Schema.Literal('millrace-session'),
  version: Schema.optionalKey(Schema.Unknown),
});
const decodeHead = Schema.decodeUnknownOption(Head);

/**
 * Reads the parsed JSON of a session file: Millrace's own, or that of `opencode export`.
 * @throws HostError `import.newer`, or `import.invalid` with the place that does not fit
 */
export function decodeSessionFile(file: unknown): DecodedFile {
  const head = decodeHead(file);
  if (head._tag === 'None') return withoutTwins(fromOpenCode(file));
  const { version } = head.value;
  if (typeof version === 'number' && version > 1) {
    const text = `The session file is of format version ${version}, which a newer Millrace wrote. Update to import it.`;
    throw new HostError('import.newer', text, { data: { version } });
  }
  const decoded = decode(file);
  if (decoded._tag === 'Failure') throw invalidFile(decoded.failure.message);
  return withoutTwins({ file: decoded.success, dropped: 0 });
}

function withoutTwins(decoded: DecodedFile): DecodedFile {
  refuseTwins(decoded.file);
  return decoded;
}

function refuseTwins({ messages, compactions = [], inbox = [], children }: SessionFile): void {
  const ids = messages.flatMap(({ info, parts }) => [info.id, ...parts.map(({ id }) => id)]);
  refuseTwice([...ids, ...inbox.map(({ id }) => id)], (id) => `the id ${id} stands in it twice.`);
  const summaries = compactions.map(({ summary }) => summary);
  refuseTwice(summaries, (id) => `the message ${id} is the summary of two Compactions.`);
  const own = new Set(messages.map(({ info }) => info.id));
  const stray = summaries.find((id) => !own.has(id));
  if (stray) throw invalidFile(`the summary ${stray} of a Compaction is none of its messages.`);
  for (const child of children) refuseTwins(child);
}

function refuseTwice(ids: readonly string[], problem: (id: string) => string): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw invalidFile(problem(id));
    seen.add(id);
  }
}
