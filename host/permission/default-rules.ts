import type { PermissionAction, PermissionRule } from '#shared/permission.ts';

/** Rows of the table of default rules; a custom agent takes the row of its kind. */
export type DefaultRow = 'build' | 'plan' | 'general' | 'explore' | 'scout';

/**
 * What is allowed before anybody configured anything. OpenCode's own default is `* allow`; ours asks before a command
 * runs and before anything leaves the machine.
 */
export function defaultRules(row: DefaultRow): readonly PermissionRule[] {
  return rows[row];
}

const rule = (permission: string, action: PermissionAction, pattern = '*'): PermissionRule => ({
  permission,
  pattern,
  action,
});

/** Reading is allowed to every agent, but for files that hold secrets. */
const reading: readonly PermissionRule[] = [
  ...['read', 'glob', 'grep', 'list', 'lsp'].map((permission) => rule(permission, 'allow')),
  ...['read', 'grep'].flatMap((permission) => [
    rule(permission, 'ask', '*.env'),
    rule(permission, 'ask', '*.env.*'),
    rule(permission, 'allow', '*.env.example'),
  ]),
  rule('skill', 'allow'),
  rule('external_directory', 'ask'),
  rule('doom_loop', 'ask'),
];

const network = ['webfetch', 'websearch', 'repo_clone'] as const;
const ownState = ['todowrite', 'todoread', 'question', 'plan_enter', 'plan_exit'] as const;
const each = (permissions: readonly string[], action: PermissionAction) =>
  permissions.map((permission) => rule(permission, action));

/** The first rule is for what is not named below: tools of MCP servers and custom tools. */
const rows: Readonly<Record<DefaultRow, readonly PermissionRule[]>> = {
  build: [
    rule('*', 'ask'),
    ...reading,
    rule('edit', 'allow'),
    rule('shell', 'ask'),
    ...each(network, 'ask'),
    rule('task', 'allow'),
    ...each(ownState, 'allow'),
  ],
  plan: [
    rule('*', 'deny'),
    ...reading,
    rule('edit', 'deny'),
    rule('shell', 'deny'),
    ...each(network, 'ask'),
    rule('task', 'deny'),
    rule('task', 'allow', 'explore'),
    rule('task', 'allow', 'scout'),
    ...each(ownState, 'allow'),
  ],
  general: [
    rule('*', 'ask'),
    ...reading,
    rule('edit', 'allow'),
    rule('shell', 'ask'),
    ...each(network, 'ask'),
    ...each(['task', ...ownState], 'deny'),
  ],
  explore: [
    rule('*', 'deny'),
    ...reading,
    ...each(['edit', 'shell', ...network, 'task', ...ownState], 'deny'),
  ],
  scout: [
    rule('*', 'deny'),
    ...reading,
    ...each(['edit', 'shell', 'task', ...ownState], 'deny'),
    ...each(network, 'ask'),
  ],
};
