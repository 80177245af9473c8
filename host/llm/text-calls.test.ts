import { describe, expect, test } from 'vitest';
import type { LLMRequest } from './schema.ts';
import {
  chunk,
  decode,
  end,
  json,
  outline,
  path,
  protocol,
  request,
  tagged,
  xml,
} from './testing/text-answers.ts';

describe('calls in text (LM-12)', () => {
  test('a call comes out as one through the API does', () => {
    const events = decode([
      `I look.\n<tool_call>\n{"name": "read", "arguments": {"path": "a.ts"}}\n</tool_call>`,
    ]);
    const callID = events.flatMap((event) => ('callID' in event ? [event.callID] : []))[0];
    expect(callID).toMatch(/^call_[0-9a-f]{16}_0$/);
    expect(events).toEqual([
      { type: 'text.delta', text: 'I look.\n' },
      { type: 'tool.input.started', callID, name: 'read' },
      { type: 'tool.input.delta', callID, text: '{"path": "a.ts"}' },
      { type: 'tool.call', callID, name: 'read', input: { type: 'json', value: path } },
      { type: 'finish', reason: 'tool-calls', raw: 'stop' },
    ]);
  });

  test.each<[string, string]>([
    ['JSON in a tag', tagged('read', path)],
    ['JSON in a tag on one line', `<tool_call>${json('read', path)}</tool_call>`],
    ['JSON behind words on one line', `<tool_call>${json('read', path)}</tool_call>`],
    ['a tag with a function inside', `<tool_call>\n${xml('read', ['path', 'a.ts'])}\n</tool_call>`],
    ['a function alone', xml('read', ['path', 'a.ts'])],
    ['a function on one line', '<function=read><parameter=path>a.ts</parameter></function>'],
    ['a function with JSON inside', '<function=read>{"path": "a.ts"}</function>'],
    ['fenced JSON', `\`\`\`json\n${json('read', path)}\n\`\`\``],
    [
      'fenced JSON over several lines',
      `\`\`\`json\n${JSON.stringify({ name: 'read', arguments: path }, null, 2)}\n\`\`\`\n`,
    ],
    ['a tool_call fence', `\`\`\`tool_call\n${json('read', path)}\n\`\`\``],
    ['a fence of four backticks', `\`\`\`\`json\n${json('read', path)}\n\`\`\`\``],
    [
      'arguments in front of the name',
      `<tool_call>{"arguments": {"path": "a.ts"}, "name": "read"}</tool_call>`,
    ],
    ['further keys', `<tool_call>{"id": 7, "name": "read", "arguments": {"path": "a.ts"}}</tool_call>`],
    [
      'further keys behind',
      `<tool_call>{"name": "read", "arguments": {"path": "a.ts"}, "id": {"a": 1}}</tool_call>`,
    ],
    ['parameters for arguments', `<tool_call>{"name": "read", "parameters": {"path": "a.ts"}}</tool_call>`],
    [
      'arguments as a text of JSON',
      `<tool_call>{"name": "read", "arguments": "{\\"path\\": \\"a.ts\\"}"}</tool_call>`,
    ],
    ['a brace too many', `<tool_call>{"name": "read", "arguments": {"path": "a.ts"}}}</tool_call>`],
    ['a brace too few', `<tool_call>{"name": "read", "arguments": {"path": "a.ts"}\n</tool_call>`],
    ['CRLF', tagged('read', path).replaceAll('\n', '\r\n')],
    ['CRLF in a fence', `\`\`\`json\r\n${json('read', path)}\r\n\`\`\`\r\n`],
    ['CRLF in a function', xml('read', ['path', 'a.ts']).replaceAll('\n', '\r\n')],
    [
      'white space that nobody sees',
      `\ufeff<tool_call>\u200b\u00a0{\u00a0"name": "read",\u200b"arguments": {\u00a0"path": "a.ts"}}\u00a0</tool_call>`,
    ],
    ['no closing tag', `<tool_call>\n${json('read', path)}`],
    ['half a closing tag', `<tool_call>\n${json('read', path)}\n</tool_c`],
    ['no closing tag of its function', '<function=read>\n<parameter=path>\na.ts\n</parameter>\n'],
    ['no closing fence', `\`\`\`json\n${json('read', path)}\n`],
    ['white space around it', `\n\n  ${tagged('read', path)}\n\n`],
  ])('is understood: %s', (_name, text) => {
    expect(outline(text)).toEqual([['read', path], 'tool-calls']);
  });

  test.each<[string, string, readonly unknown[]]>([
    ['a call in the middle of a line', `Now. ${tagged('read', path)}`, ['Now. ', ['read', path]]],
    [
      'several calls in a row',
      `${tagged('read', path)}\n${tagged('list', {})}${xml('list')}\n\`\`\`json\n${json('read', path)}\n\`\`\``,
      [
        ['read', path],
        ['list', {}],
        ['list', {}],
        ['read', path],
      ],
    ],
    [
      'several calls in one tag',
      `<tool_call>\n${json('read', path)}\n${json('list', {})}\n${xml('list')}\n</tool_call>\n`,
      [
        ['read', path],
        ['list', {}],
        ['list', {}],
      ],
    ],
    [
      'text before, between and after',
      `A\n${tagged('list', {})}\nB\n${tagged('list', {})}\n\nC`,
      ['A\n', ['list', {}], '\nB\n', ['list', {}], '\n\nC'],
    ],
    [
      'a tag within a string of the arguments',
      tagged('read', { path: 'a </tool_call> <tool_call>{"name":"list","arguments":{}} ```' }),
      [['read', { path: 'a </tool_call> <tool_call>{"name":"list","arguments":{}} ```' }]],
    ],
    [
      'a parameter tag within a value',
      xml('read', ['path', 'x</parameter> y\n</function>\n<function=list>'], ['limit', '3']),
      [['read', { path: 'x</parameter> y\n</function>\n<function=list>', limit: 3 }]],
    ],
    [
      'only one line break at each end taken away',
      xml('read', ['path', '\n a\n']),
      [['read', { path: '\n a\n' }]],
    ],
    [
      'values of their types',
      xml('read', ['path', '12'], ['limit', '12'], ['all', 'True'], ['lines', '[1, 2]']),
      [['read', { path: '12', limit: 12, all: true, lines: [1, 2] }]],
    ],
    [
      'a value of another type, as it is',
      xml('read', ['limit', 'many'], ['x', '1']),
      [['read', { limit: 'many', x: '1' }]],
    ],
    [
      'line breaks inside a JSON string',
      '<tool_call>{"name": "read", "arguments": {"path": "a\nb\tc"}}</tool_call>',
      [['read', { path: 'a\nb\tc' }]],
    ],
    ['unicode', tagged('read', { path: 'ß\u2028😀' }), [['read', { path: 'ß\u2028😀' }]]],
    [
      'a key that is a prototype',
      xml('read', ['__proto__', 'x']),
      [['read', JSON.parse('{"__proto__":"x"}')]],
    ],
    [
      'a function without its end before the next',
      `<tool_call>\n<function=read>\n<parameter=path>\na\n</parameter>\n</tool_call>\n${tagged('list', {})}`,
      [
        ['read', { path: 'a' }],
        ['list', {}],
      ],
    ],
  ])('holds: %s', (_name, text, expected) => {
    expect(outline(text)).toEqual([...expected, 'tool-calls']);
  });

  test.each<[string, string, readonly unknown[]]>([
    [
      'broken JSON',
      '<tool_call>\n{"name": "read", "arguments": {"path": "a" b}}\n</tool_call>\nText',
      [['read', { malformed: '{"path": "a" b}' }], '\nText'],
    ],
    [
      'a quote that is not closed',
      '<tool_call>\n{"name": "read", "arguments": {"path": "a}}\n</tool_call>\nText',
      [['read', { malformed: '{"path": "a}}\n' }], '\nText'],
    ],
    [
      'arguments that break off',
      '<tool_call>\n{"name": "read", "arguments": {"path": "a',
      [['read', { malformed: '{"path": "a' }]],
    ],
    [
      'an object that breaks off behind the name',
      '<tool_call>\n{"name": "read"',
      [['read', { malformed: '{"name": "read"' }]],
    ],
    [
      'a parameter that breaks off',
      '<function=read>\n<parameter=path>\na',
      [['read', { malformed: '<function=read>\n<parameter=path>\na' }]],
    ],
    ['a function that breaks off', '<function=read>\n', [['read', { malformed: '<function=read>\n' }]]],
    [
      'a parameter tag without its end',
      `<function=read>\n<parameter=path\n${'a'.repeat(200)}\n</function>\nText`,
      [
        ['read', { malformed: `<function=read>\n<parameter=path\n${'a'.repeat(200)}\n</function>` }],
        '\nText',
      ],
    ],
    [
      'a broken tool_call fence',
      '```tool_call\n{"name": "read", "arguments": {"path": }}\n```\nText',
      [['read', { malformed: '{"name": "read", "arguments": {"path": }}\n' }], 'Text'],
    ],
    [
      'arguments that are no object',
      '<tool_call>{"name": "read", "arguments": "none"}</tool_call>',
      [['read', { malformed: 'none' }]],
    ],
  ])('is told as malformed: %s', (_name, text, expected) => {
    expect(outline(text)).toEqual([...expected, 'tool-calls']);
  });

  test.each<[string, string]>([
    ['a tool of no name here', tagged('write', path)],
    ['a function of no name here', xml('write', ['path', 'a.ts'])],
    ['a fenced call of no name here', `\`\`\`json\n${json('write', path)}\n\`\`\``],
    ['inline code', `Write \`${tagged('read', path).replaceAll('\n', '')}\` for it.`],
    [
      'inline code of two backticks',
      `Write \`\` ${json('read', path)} <tool_call>${json('read', path)}</tool_call> \`\``,
    ],
    ['a code block', `\`\`\`xml\n${tagged('read', path)}\n\`\`\`\n`],
    ['a code block without a language', `\`\`\`\n${json('read', path)}\n\`\`\`\n`],
    ['a code block that is not closed', `~~~\n${tagged('read', path)}`],
    [
      'a call in a fence inside a longer one',
      `\`\`\`\`md\n\`\`\`json\n${json('read', path)}\n\`\`\`\n\`\`\`\``,
    ],
    ['a code block in a list', `- \`\`\`xml\n  ${tagged('read', path)}\n  \`\`\``],
    ['a fenced call in a list', `1. So:\n    \`\`\`json\n    ${json('read', path)}\n    \`\`\``],
    ['indented code', `So:\n\n    ${tagged('read', path)}`],
    ['a quotation', `> <tool_call>${json('read', path)}</tool_call>`],
    ['a code block in a quotation', `> \`\`\`\n> ${tagged('read', path).replaceAll('\n', '\n> ')}\n`],
    [
      'JSON in a fence with more keys',
      `\`\`\`json\n${JSON.stringify({ name: 'read', arguments: path, version: 1 })}\n\`\`\``,
    ],
    [
      'JSON in a fence with other keys',
      `\`\`\`json\n${JSON.stringify({ name: 'read', version: '1.0.0' })}\n\`\`\``,
    ],
    [
      'JSON in a fence with arguments that are none',
      `\`\`\`json\n${JSON.stringify({ name: 'read', arguments: [1] })}\n\`\`\``,
    ],
    ['broken JSON in a fence', `\`\`\`json\n{"name": "read", "arguments": {"path": }}\n\`\`\``],
    ['JSON with words in its fence', `\`\`\`json\n${json('read', path)}\nfor example\n\`\`\``],
    ['two objects in a fence', `\`\`\`json\n${json('read', path)}\n${json('read', path)}\n\`\`\``],
    ['JSON without a fence', `${json('read', path)}\n`],
    ['a fence that does not begin its line', `So \`\`\`json\n${json('read', path)}\n\`\`\``],
    ['a tag in prose', 'Wrap it in <tool_call> tags, as in <tool_call>{…}</tool_call>.'],
    ['a function tag in prose', 'The <function=read><parameter=path> form is older.\n<function=read> too.'],
    ['half a tag at the end', 'x < y and <tool_'],
    ['white space alone', ' \n\n'],
    ['a tag that is empty', '<tool_call></tool_call>'],
  ])('is text: %s', (_name, text) => {
    expect(decode([text])).toEqual([
      { type: 'text.delta', text },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]);
  });

  test('code that ends is over: a call behind it counts', () => {
    const text = `Like \`<tool_call>\` and\n\`\`\`ts\nx\n\`\`\`\n> \`\`\`\n> y\n\n${tagged('list', {})}`;
    expect(outline(text).slice(1)).toEqual([['list', {}], 'tool-calls']);
  });

  test('text that cannot become a call goes out as it comes', () => {
    const decoder = protocol.decoder(request);
    const shown = (text: string): string =>
      decoder
        .push(chunk(text))
        .map((event) => ('text' in event ? event.text : event.type))
        .join('');
    expect(shown('One ')).toBe('One ');
    expect(shown('two < three')).toBe('two < three');
    expect(shown(' `co')).toBe(' `co');
    expect(shown('de`\n```json\n')).toBe('de`\n');
    expect(shown('{"version": ')).toBe('```json\n{"version": ');
    expect(shown('1}\n```\n<tool')).toBe('1}\n```\n');
    expect(shown('bar>')).toBe('<toolbar>');
  });

  test('arguments go out as they come', () => {
    const decoder = protocol.decoder(request);
    const types = (text: string): readonly string[] => decoder.push(chunk(text)).map(({ type }) => type);
    expect(types('<tool_call>{"name": "read", ')).toEqual([]);
    expect(types('"arguments": {"pa')).toEqual(['tool.input.started', 'tool.input.delta']);
    expect(types('th": "a"')).toEqual(['tool.input.delta']);
    expect(types('}')).toEqual(['tool.input.delta', 'tool.call']);
  });

  test('what ends a text ends a call in it, and usage stays right before the end', () => {
    const decoder = protocol.decoder(request);
    const open = chunk('<tool_call>{"name": "read", "arguments": {"path": "a"');
    const thought = { choices: [{ index: 0, delta: { reasoning: 'hm' } }] };
    const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } };
    const events = [open, thought, chunk('<tool_call>{"name": "list"'), usage, end('stop')].flatMap((each) =>
      decoder.push(each),
    );
    const all = [...events, ...decoder.end({ complete: true })].map(({ type }) => type);
    expect(all.filter((type) => type !== 'tool.input.delta')).toEqual([
      'tool.input.started',
      'tool.call',
      'reasoning.delta',
      'tool.input.started',
      'tool.call',
      'usage',
      'finish',
    ]);
  });

  test('a cut stream hands out no half call, and loses no text that was held back', () => {
    expect(outline('<tool_call>{"name": "read", "arguments": {"path": "a"', null)).toEqual(['stream-cut']);
    expect(outline('So\n<tool_call>{"na', null)).toEqual(['So\n<tool_call>{"na', 'stream-cut']);
    expect(outline('```json\n{"name": "read", "arguments": {', null)).toEqual([
      '```json\n{"name": "read", "arguments": {',
      'stream-cut',
    ]);
  });

  test('an answer at its length limit keeps that reason', () => {
    expect(outline('<tool_call>{"name": "read", "arguments": {"path": "a', 'length').at(-1)).toBe('length');
  });

  test('ids are equal for equal requests, new for each call, and none that the history has', () => {
    const text = tagged('list', {}).repeat(2);
    const idsOf = (asked: LLMRequest): readonly string[] => {
      const decoder = protocol.decoder(asked);
      return decoder.push(chunk(text)).flatMap((event) => (event.type === 'tool.call' ? [event.callID] : []));
    };
    const first = idsOf(request);
    expect(new Set(first).size).toBe(2);
    expect(idsOf(request)).toEqual(first);
    const historyWith = (id: string): LLMRequest => ({
      ...request,
      messages: [
        { type: 'assistant', content: [{ type: 'tool-call', id, name: 'list', input: {} }] },
        { type: 'tool-result', callID: id, name: 'list', output: '', isError: false },
        { type: 'user', content: [{ type: 'text', text: 'Again.' }] },
      ],
    });
    const [taken = ''] = idsOf(historyWith('call_1'));
    expect(first).not.toContain(taken);
    expect(idsOf(historyWith(taken))).not.toContain(taken);
    expect(taken.length).toBeLessThanOrEqual(40);
  });
});
