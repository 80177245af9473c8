import * as Schema from 'effect/Schema';

/** A file's content at one moment: the SHA-256 of a kept copy, or that there was none. */
export const FileState = Schema.Union([
  Schema.Struct({ type: Schema.Literal('absent') }),
  Schema.Struct({
    type: Schema.Literal('content'),
    hash: Schema.String,
    mode: Schema.optionalKey(Schema.Int),
  }),
  /** Too large to keep, or not to be read: it cannot be brought back. */
  Schema.Struct({ type: Schema.Literal('unknown') }),
]);
export type FileState = typeof FileState.Type;

export const FileChange = Schema.Struct({
  /** Absolute, every link resolved. */
  path: Schema.String,
  before: FileState,
  after: FileState,
});
export type FileChange = typeof FileChange.Type;

/** Whether two states are the same content; what is unknown equals nothing. Permission bits are not looked at. */
export function isSameContent(a: FileState, b: FileState): boolean {
  if (a.type === 'content' && b.type === 'content') return a.hash === b.hash;
  return a.type === 'absent' && b.type === 'absent';
}
