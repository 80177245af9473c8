import type { LLMEvent } from '../../llm/schema.ts';
import type { TurnTracer } from '../../trace/traces.ts';

/** Tells a turn's trace what arrived: growing texts are counted, everything else is an entry of its own. */
export function traceEvent(tracer: TurnTracer, event: LLMEvent): void {
  switch (event.type) {
    case 'text.delta':
    case 'reasoning.delta':
    case 'tool.input.delta':
      tracer.piece(event.type, event.text.length);
      break;
    case 'tool.input.started':
    case 'tool.call':
      tracer.mark(event.type, { callID: event.callID, tool: event.name });
      break;
    case 'retry':
      tracer.mark(event.type, { code: event.error.code, attempt: event.attempt, waitMs: event.waitMs });
      break;
    case 'error':
      tracer.mark(event.type, { code: event.error.code });
      break;
    default:
      tracer.mark(event.type);
  }
}
