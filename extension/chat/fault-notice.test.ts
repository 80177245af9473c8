import { expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import { words } from '#shared/words.ts';
import { faultNotice } from './fault-notice.ts';

test('a folder that is not open is named, in words of the catalog', () => {
  const notice = faultNotice(new HostError('location.none', 'x', { data: { '0': '/home/gone' } }));
  expect(notice).toMatchObject({ level: 'error', code: 'location.none', data: { '0': '/home/gone' } });
  expect(Object.keys(words)).toContain(`notice.${notice.code}`);
});

test('any other failure is told with what it says', () => {
  const notice = faultNotice(new HostError('session.unknown', 'There is no session ses_1.'));
  expect(notice).toMatchObject({ code: 'chat.failed', data: { '0': 'There is no session ses_1' } });
  expect(Object.keys(words)).toContain(`notice.${notice.code}`);
  expect(faultNotice('odd').data).toEqual({ '0': 'odd' });
});
