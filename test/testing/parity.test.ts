import assert from 'node:assert/strict';
import { parity, ParityError } from 'bigrad/testing';
import { cpu, reference, type Backend } from 'bigrad';

/** The reference device with one op's results doubled. */
const wrongly = (broken: string): Backend => ({
  ...reference,
  name: 'broken',
  run(op, ins, outs, attrs) {
    const views = reference.run(op, ins, outs, attrs) as { data: Float64Array }[];
    if (op.name === broken) for (const { data } of views) data.forEach((v, i) => (data[i] = 2 * v));
    return views;
  },
});

describe('parity', () => {
  it('counts comparisons between devices that agree', async () => {
    assert.ok((await parity(reference, cpu, ['tanh', 'conv2d'])) >= 9);
  });

  for (const [op, broken, message] of [
    ['tanh', 'tanh', /^parity: tanh \(\[2,3\]\), value 0, element 0: expected .* as on reference, got .* on broken$/],
    ['conv2d', 'conv2dWeight', /^parity: conv2d \(plain\), gradient 1, element 0: /],
    ['gate', 'gateGrad', /^parity: gate \(eps a number\), gradient 0, element 0: /],
  ] as const)
    it(`names ${op} where ${broken} is wrong on one device`, async () => {
      await assert.rejects(parity(reference, wrongly(broken), [op]), (e) => {
        assert.ok(e instanceof ParityError);
        assert.match(e.message, message);
        return true;
      });
    });

  it('refuses ops that the table does not have', async () => {
    await assert.rejects(
      parity(reference, cpu, ['nope']),
      /^RangeError: parity: expected ops of the op table, got the string "nope"/,
    );
  });
});
