import * as Schema from 'effect/Schema';

/** Something the user is told outside a message: a code and its data; texts are chosen at the edge. */
export const Notice = Schema.Struct({
  /** Equal keys replace one another: a mended file's notice goes away by its key. */
  key: Schema.String,
  level: Schema.Literals(['info', 'warning', 'error']),
  code: Schema.String,
  data: Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite])),
});
export type Notice = typeof Notice.Type;
