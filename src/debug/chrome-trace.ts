import type { Spec } from '../core/tensor.js';

/** A span of time, in milliseconds: of a step, or of a whole call. */
export interface Span {
  readonly step?: number;
  readonly from: number;
  readonly to: number;
}

/** An event of the trace event format: something that began and ended. */
export interface TraceEvent {
  readonly name: string;
  readonly cat: 'step' | 'call';
  readonly ph: 'X';
  /** Microseconds since the first call, and how many it took. */
  readonly ts: number;
  readonly dur: number;
  readonly pid: 1;
  readonly tid: 1;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the trace viewers of Chrome and Perfetto read, as JSON. */
export interface ChromeTrace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
}

/** What an event says of a step. */
interface Step {
  readonly id: number;
  readonly ops: readonly string[];
  readonly ins: readonly Spec[];
  readonly outs: readonly Spec[];
  readonly work: number | undefined;
  readonly bytes: number;
}

/** The spans of some calls, and of the steps within them. */
export function chromeTrace(steps: readonly Step[], spans: readonly Span[], calls: readonly Span[]): ChromeTrace {
  const start = calls[0]?.from ?? 0;
  const event = (name: string, cat: TraceEvent['cat'], { from, to }: Span, args: TraceEvent['args']): TraceEvent => ({
    name,
    cat,
    ph: 'X',
    ts: (from - start) * 1000,
    dur: (to - from) * 1000,
    pid: 1,
    tid: 1,
    args,
  });
  const named = (specs: readonly Spec[]): string[] => specs.map(({ shape, dtype }) => `${dtype}[${shape.join(',')}]`);
  return {
    traceEvents: [
      ...calls.map((span, run) => event(`call ${run}`, 'call', span, {})),
      ...spans.map((span) => {
        const { id, ops, ins, outs, work, bytes } = steps[span.step!]!;
        const args = { step: id, ins: named(ins), outs: named(outs), bytes, ...(work !== undefined && { work }) };
        return event(ops.join(' ') || 'copy', 'step', span, args);
      }),
    ],
    displayTimeUnit: 'ms',
  };
}
