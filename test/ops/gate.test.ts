import assert from 'node:assert/strict';
import { cpu, gate, grad, reference, sum, tensor, type Tensor } from 'bigrad';
import { values } from '../support/close.js';

for (const device of [reference, cpu])
  describe(`the gate on ${device.name}`, () => {
    const [m, none] = [tensor([0, 2, -2], { device }), tensor([0, 0, 0], { device })];

    it('is a step for an eps of 0 in a tensor: 0 at 0, else 1, and flat', () => {
      assert.deepEqual(values(gate(m, none)), [0, 1, 1]);
      assert.deepEqual(values(grad((x: Tensor) => sum(gate(x, none)))(m)), [0, 0, 0]);
    });

    it('takes m and eps of one dtype of floats', () => {
      const [wide, whole] = (['float64', 'int32'] as const).map((dtype) => tensor([1, 1, 1], { dtype, device }));
      assert.throws(() => gate(m, wide!), /^TypeError: gate: expected equal dtypes, got float32 and float64/);
      assert.throws(() => gate(whole!, whole!), /^TypeError: gate: expected float32 or float64, got int32/);
    });
  });
