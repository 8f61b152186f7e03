import * as bigrad from 'bigrad';
import { compile, cpu, leaves, reference, tensor, type Tensor } from 'bigrad';
import * as nn from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { made, readCalls, type OracleCall } from './calls.js';
import { check, found } from './check.js';

type Any = (...xs: unknown[]) => unknown;
interface AnyLayer {
  apply(params: object, ...xs: Tensor[]): unknown;
}

/** The parameters of layers, in the order in which they stand behind the input. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  prelu: ['weight'],
  rmsNorm: ['weight'],
  embedding: ['weight'],
  conv: ['weight', 'bias'],
  learnedPositions: ['weight'],
  layerNorm: ['scale', 'shift'],
  groupNorm: ['scale', 'shift'],
  instanceNorm: ['scale', 'shift'],
};

const isKinks = (op: string): boolean => op.endsWith(' kinks');

/** Calls whose tensors stand among the options, or that have several results. */
const others: Readonly<Record<string, (xs: readonly Tensor[], given: readonly unknown[]) => unknown>> = {
  'scaledDotProductAttention mask': ([q, k, v, mask]) => nn.scaledDotProductAttention(q!, k!, v!, { mask: mask! }),
  'scaledDotProductAttention bias': ([q, k, v, bias]) =>
    nn.scaledDotProductAttention(q!, k!, v!, { bias: bias!, causal: true }),
  'crossEntropy weights': (xs, given) => weighed(nn.crossEntropy, xs, given as never),
  'negativeLogLikelihood weights': (xs, given) => weighed(nn.negativeLogLikelihood, xs, given as never),
  gru: ([x, ...own], given) => nn.gru(...(given as Parameters<typeof nn.gru>)).run(recurrentParams(own), x!, own[4]),
  lstm: ([x, ...own], given) => {
    const state = own[4] && { hidden: own[4], cell: own[5]! };
    const [y, { hidden, cell }] = nn.lstm(...(given as Parameters<typeof nn.lstm>)).run(recurrentParams(own), x!, state); // prettier-ignore
    return [y, hidden, cell];
  },
  multiHeadAttention: (xs, given) => attended(xs, given, {}),
  'multiHeadAttention context': (xs, given) => attended(xs, given, { context: xs[5]! }),
};
/** A loss with weights of the classes, which stand as numbers among its options. */
function weighed(
  loss: typeof nn.negativeLogLikelihood,
  [x, labels]: readonly Tensor[],
  [{ weights, ...options }]: readonly [{ weights: number[] } & nn.LossOptions],
): Tensor {
  return loss(x!, labels!, { ...options, weights: tensor(weights, { dtype: 'float64', device: x!.device }) });
}
const recurrentParams = ([
  inputWeight,
  hiddenWeight,
  inputBias,
  hiddenBias,
]: readonly Tensor[]): nn.RecurrentParams => ({
  inputWeight: inputWeight!,
  hiddenWeight: hiddenWeight!,
  ...(inputBias && hiddenBias && { inputBias, hiddenBias }),
});
function attended([x, ...own]: readonly Tensor[], given: readonly unknown[], call: nn.AttentionCall): Tensor[] {
  const layer = nn.multiHeadAttention(...(given as [number, number]));
  const [inWeight, inBias, outWeight, outBias] = own as [Tensor, Tensor, Tensor, Tensor];
  const params = { inWeight, inBias, outWeight, outBias };
  return [layer.apply(params, x!, call), layer.weights(params, x!, call)];
}

/** The results of a function, or of a layer, on tensors. */
function resultsOf({ op, arguments: given }: OracleCall, xs: readonly Tensor[]): Tensor[] {
  const rest = given as unknown[];
  if (others[op]) return leaves(others[op](xs, rest));
  const name = op.replace(' kinks', '');
  const names = parameters[name];
  const f = ({ ...bigrad, ...nn } as unknown as Record<string, Any>)[name]!;
  if (!names) return leaves(f(...xs, ...rest));
  const [x, ...own] = xs;
  const params = Object.fromEntries(own.map((p, i) => [names[i]!, p]));
  return leaves((f(...rest) as AnyLayer).apply(params, x!));
}

/** Signs and labels, which are held fixed. */
const isFixed = (x: Tensor): boolean => x.dtype === 'int32' || x.readSync().every((v) => Math.abs(v) === 1);

const calls = readCalls('nn');

describe('layers, activations and losses give what PyTorch gives, with two derivatives', () => {
  for (const [i, call] of calls.entries())
    it(`${call.op}, call ${i}`, () => {
      for (const device of [reference, cpu]) {
        const got = found(call, device, resultsOf);
        for (const what of ['outputs', 'first', ...(isKinks(call.op) ? [] : (['second'] as const))] as const)
          check(got[what], call[what], `${call.op} on ${device.name}: ${what}`);
      }
      if (isKinks(call.op) || calls.findIndex(({ op }) => op === call.op) < i) return;
      const all = call.inputs.map((x) => made(x, cpu));
      const free = all.filter((x) => !isFixed(x));
      const f = (xs: readonly Tensor[]): Tensor[] => {
        const next = xs.values();
        return resultsOf(
          call,
          all.map((x) => (isFixed(x) ? x : next.next().value!)),
        );
      };
      checkGrads(f, [free], { fast: true, name: call.op });
    });

  it('compiled too', () => {
    for (const call of calls) {
      const f = compile((xs: readonly Tensor[]) => resultsOf(call, xs));
      check(f(call.inputs.map((x) => made(x, cpu))), call.outputs, call.op);
    }
  });
});
