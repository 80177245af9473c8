import { expect, test } from 'vitest';
import { stripped } from './shell-environment.ts';

const of = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, 'x']));

test('a command gets no secret and nothing that runs code unasked', () => {
  const names =
    'PGPASS DB_PASS MYSQL_PWD GITHUB_PAT NPM_AUTH AUTHORIZATION HTTP_COOKIE SENTRY_DSN SLACK_WEBHOOK_URL DATABASE_URL db_password GIT_SSH_COMMAND GIT_EDITOR GIT_DIR GIT_WORK_TREE PERL5OPT PYTHONSTARTUP';
  expect(stripped(of(names))).toEqual({});
});

test('a command keeps the variables that it works with', () => {
  const kept = of('PATH PWD OLDPWD HOME LANG SSH_AUTH_SOCK GIT_AUTHOR_NAME EDITOR');
  expect(stripped(kept)).toEqual(kept);
});
