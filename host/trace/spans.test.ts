import { trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSpan } from './spans.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => void trace.setGlobalTracerProvider(provider));
afterAll(async () => {
  trace.disable();
  await provider.shutdown();
});

test('spans reach the provider that the process registered, one below the other (RT-15)', () => {
  const drain = startSpan('millrace.drain', { 'session.id': 'ses_1' });
  const turn = drain.child('millrace.turn');
  turn.event('request.sent');
  turn.end({ tokens: 7, error: 'overflow' });
  drain.end();
  const [first, second] = exporter.getFinishedSpans();
  expect(first).toMatchObject({
    name: 'millrace.turn',
    attributes: { tokens: 7 },
    status: { message: 'overflow' },
    events: [{ name: 'request.sent' }],
  });
  expect(second).toMatchObject({ name: 'millrace.drain', attributes: { 'session.id': 'ses_1' } });
  expect(first?.parentSpanContext?.spanId).toBe(second?.spanContext().spanId);
  expect(first?.spanContext().traceId).toBe(second?.spanContext().traceId);
});
