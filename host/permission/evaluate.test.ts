import { expect, test } from 'vitest';
import type { PermissionAction, PermissionRule } from '#shared/permission.ts';
import { defaultRules } from './default-rules.ts';
import { evaluate, isDeniedWhole } from './evaluate.ts';
import type { LayerRules } from './layer-rules.ts';
import { matchesPattern } from './wildcard.ts';

const rule = (permission: string, pattern: string, action: PermissionAction): PermissionRule => ({
  permission,
  pattern,
  action,
});
const build: LayerRules = { layer: 'defaults', rules: defaultRules('build') };
const plan: LayerRules = { layer: 'defaults', rules: defaultRules('plan') };
const user = (...rules: PermissionRule[]): LayerRules => ({ layer: 'user', rules });
const project = (...rules: PermissionRule[]): LayerRules => ({ layer: 'project', rules });
const saved = (...rules: PermissionRule[]): LayerRules => ({ layer: 'saved', rules });

function check(layers: LayerRules[], permission: string, pattern: string): PermissionAction {
  return evaluate(layers, { permission, patterns: [pattern] }).action;
}

test.for([
  ['git status', 'git status *', true],
  ['git status -s', 'git status *', true],
  ['git statusx', 'git status *', false],
  ['src/a/.env', '*.env', true],
  ['a.env.example', '*.env', false],
  ['a\nb', 'a*b', true],
  ['ab', 'a?', true],
  ['a', 'a?', false],
  ['', '*', true],
  ['aXbXc', 'a*b*c', true],
  ['[a]', '[a]', true],
] as const)('the text %j against the pattern %j gives %j', ([text, pattern, expected]) => {
  expect(matchesPattern(text, pattern)).toBe(expected);
});

test('a pattern full of stars is matched in linear steps', () => {
  expect(matchesPattern('a'.repeat(20_000), `${'*a'.repeat(50)}b`)).toBe(false);
});

test('the default rows are those of the decision table (TL-09)', () => {
  expect(check([build], 'read', 'src/a.ts')).toBe('allow');
  expect(check([build], 'read', 'config/.env')).toBe('ask');
  expect(check([build], 'read', '.env.local')).toBe('ask');
  expect(check([build], 'read', '.env.example')).toBe('allow');
  expect(check([build], 'edit', 'src/a.ts')).toBe('allow');
  expect(check([build], 'shell', 'ls')).toBe('ask');
  expect(check([build], 'webfetch', 'https://a.test')).toBe('ask');
  expect(check([build], 'mcp_tool', '*')).toBe('ask');
  expect(check([build], 'external_directory', '/etc/*')).toBe('ask');
  expect(check([plan], 'edit', 'src/a.ts')).toBe('deny');
  expect(check([plan], 'shell', 'ls')).toBe('deny');
  expect(check([plan], 'read', 'src/a.ts')).toBe('allow');
  expect(check([plan], 'task', 'explore')).toBe('allow');
  expect(check([plan], 'task', 'general')).toBe('deny');
});

test('inside a layer the last matching rule wins (TL-09)', () => {
  const rules = [rule('edit', '*', 'deny'), rule('edit', 'docs/*', 'allow')];
  expect(check([build, user(...rules)], 'edit', 'docs/a.md')).toBe('allow');
  expect(check([build, user(...rules)], 'edit', 'src/a.ts')).toBe('deny');
});

test('the user may allow what the defaults ask, and nothing that they deny', () => {
  expect(check([build, user(rule('shell', '*', 'allow'))], 'shell', 'ls')).toBe('allow');
  expect(check([plan, user(rule('*', '*', 'allow'))], 'edit', 'a.ts')).toBe('deny');
});

test('a project tightens and never loosens', () => {
  expect(check([build, project(rule('shell', '*', 'allow'))], 'shell', 'ls')).toBe('ask');
  expect(check([build, project(rule('edit', '*', 'ask'))], 'edit', 'a.ts')).toBe('ask');
  expect(
    check([build, user(rule('edit', '*', 'deny')), project(rule('edit', '*', 'allow'))], 'edit', 'a'),
  ).toBe('deny');
});

test('a saved answer lifts an ask and never a deny', () => {
  const allow = saved(rule('edit', 'a.ts', 'allow'));
  expect(check([build, project(rule('edit', '*', 'ask')), allow], 'edit', 'a.ts')).toBe('allow');
  expect(check([build, project(rule('edit', '*', 'ask')), allow], 'edit', 'b.ts')).toBe('ask');
  expect(check([build, project(rule('edit', '*', 'deny')), allow], 'edit', 'a.ts')).toBe('deny');
  expect(check([build, saved(rule('edit', 'a.ts', 'deny'))], 'edit', 'a.ts')).toBe('deny');
});

test('a floor asks even where the user allows everything, and no saved answer lifts it', () => {
  const layers = [build, user(rule('*', '*', 'allow')), saved(rule('edit', '*', 'allow'))];
  expect(evaluate(layers, { permission: 'edit', patterns: ['.git/config'], floor: '.git' })).toEqual({
    action: 'ask',
    origin: { layer: 'floor' },
  });
  expect(evaluate([plan], { permission: 'edit', patterns: ['.git/config'], floor: '.git' }).action).toBe(
    'deny',
  );
});

test('of several patterns the strictest verdict counts, and the rule is named', () => {
  const layers = [build, project(rule('edit', 'b*', 'deny'))];
  expect(evaluate(layers, { permission: 'edit', patterns: ['a', 'b'] })).toEqual({
    action: 'deny',
    origin: { layer: 'project', rule: rule('edit', 'b*', 'deny') },
  });
  expect(evaluate(layers, { permission: 'edit', patterns: [] }).action).toBe('ask');
});

const denying = [
  rule('shell', '*', 'allow'),
  rule('shell', 'rm *', 'deny'),
  rule('shell', 'git push *', 'deny'),
];
test.for([
  'env rm -f x',
  "bash -c 'rm -f x'",
  'timeout 5 rm -f x',
  '/bin/rm -f x',
  '\\rm -f x',
  "'rm' -f x",
  'R=rm; $R -f x',
  'find . -exec rm {} ;',
  'git  push',
  'git -C . push',
  'touch x; rm x',
  'echo $(rm -f x)',
  'rm -f x',
])('the way around a deny rule %j is not allowed (TL-11)', (command) => {
  expect(check([build, user(...denying)], 'shell', command)).not.toBe('allow');
});

test('an allowed command is allowed as written, and a wildcard only for plain commands', () => {
  expect(check([build, user(...denying, rule('shell', 'npm test', 'allow'))], 'shell', 'npm test')).toBe(
    'allow',
  );
  const lists = [build, user(rule('shell', 'ls *', 'allow'))];
  expect(check(lists, 'shell', 'ls -la src')).toBe('allow');
  expect(check(lists, 'shell', 'ls; rm -rf src')).toBe('ask');
  expect(check(lists, 'shell', 'ls $(rm -rf src)')).toBe('ask');
  expect(check(lists, 'shell', 'ls > out')).toBe('ask');
  expect(check([build, user(rule('*', '*', 'allow'))], 'shell', 'ls && rm -rf src')).toBe('allow');
});

test('a tool that is denied whole is known, one denied in part is not', () => {
  expect(isDeniedWhole([plan], 'edit')).toBe(true);
  expect(isDeniedWhole([plan], 'shell')).toBe(true);
  expect(isDeniedWhole([plan], 'task')).toBe(false);
  expect(isDeniedWhole([build], 'edit')).toBe(false);
  expect(isDeniedWhole([build, user(...denying)], 'shell')).toBe(false);
});
