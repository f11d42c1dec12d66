// edgeq's spans by OpenTelemetry's API: they go wherever your SDK sends spans.

import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Tracing } from "edgeq/client";

export const tracing: Tracing = {
  span({ name, kind, attributes, parent, links }, work) {
    const spanKind = kind === "producer" ? SpanKind.PRODUCER : SpanKind.CONSUMER;
    const linked = links.flatMap((headers) => {
      const sent = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, headers));
      return sent === undefined ? [] : [{ context: sent }];
    });
    const from = parent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, parent);
    const options = { kind: spanKind, attributes, links: linked };
    return trace.getTracer("edgeq").startActiveSpan(name, options, from, async (span) => {
      const headers: Record<string, string> = {};
      propagation.inject(context.active(), headers);
      try {
        return await work({ headers, set: (more) => void span.setAttributes(more) });
      } catch (error) {
        span.recordException(error instanceof Error ? error : String(error));
        span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  },
};
