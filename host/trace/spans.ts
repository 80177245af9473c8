import { type Attributes, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';

/**
 * Spans through the OpenTelemetry API (RT-15): they go to whatever provider the process has registered, and nowhere
 * without one. Attributes name things and count them; prompts, answers and file contents are never among them.
 */
export interface OpenSpan {
  /** A span below this one. */
  child(name: string, attributes?: Attributes): OpenSpan;
  event(name: string, attributes?: Attributes): void;
  /** `error` is a code, never a text of a user or a provider. */
  end(attributes?: Attributes & { readonly error?: string }): void;
}

export function startSpan(name: string, attributes: Attributes = {}): OpenSpan {
  return opened(tracer().startSpan(name, { attributes }, ROOT_CONTEXT));
}

/** Asked for each time: a provider may be registered after this module was loaded. */
function tracer() {
  return trace.getTracer('millrace');
}

function opened(span: Span): OpenSpan {
  return {
    child: (name, attributes = {}) =>
      opened(tracer().startSpan(name, { attributes }, trace.setSpan(ROOT_CONTEXT, span))),
    event: (name, attributes) => void span.addEvent(name, attributes),
    end({ error, ...attributes } = {}) {
      span.setAttributes(attributes);
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      span.end();
    },
  };
}
