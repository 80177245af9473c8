import * as Schema from 'effect/Schema';

/** Ids are ULIDs with a prefix. Only the prefix is checked: clients bring their own `msg_` ids. */
const id = <P extends string>(prefix: P) =>
  Schema.String.check(Schema.isStartingWith(`${prefix}_`), Schema.isMaxLength(128));

export const SessionID = id('ses').pipe(Schema.brand('SessionID'));
export type SessionID = typeof SessionID.Type;

export const MessageID = id('msg').pipe(Schema.brand('MessageID'));
export type MessageID = typeof MessageID.Type;

export const PartID = id('prt').pipe(Schema.brand('PartID'));
export type PartID = typeof PartID.Type;

export const PermissionID = id('per').pipe(Schema.brand('PermissionID'));
export type PermissionID = typeof PermissionID.Type;

export const RuleID = id('rul').pipe(Schema.brand('RuleID'));
export type RuleID = typeof RuleID.Type;

/** What a new id is asked for with; the answer starts with this prefix and an underscore. */
export type IdPrefix = 'ses' | 'msg' | 'prt' | 'per' | 'rul';
