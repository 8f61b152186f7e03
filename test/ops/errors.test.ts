import assert from 'node:assert/strict';
import * as bigrad from 'bigrad';
import { refuse, unrefused, wrong } from '../support/refusals.js';
import { control } from './refusals/control.js';
import { create } from './refusals/create.js';
import { elementwise } from './refusals/elementwise.js';
import { linalg } from './refusals/linalg.js';
import { ops } from './refusals/ops.js';
import { order } from './refusals/order.js';
import { transforms } from './refusals/transforms.js';
import { windows } from './refusals/windows.js';

const tables = { elementwise, ops, windows, order, linalg, create, transforms, control };

for (const [family, table] of Object.entries(tables))
  describe(`${family}: wrong arguments are refused by name`, () => {
    refuse(table);
  });

describe('the tables of refusals', () => {
  // These take anything: any tree is one. Tensors and errors are made by functions.
  const exempt = [
    'leaves',
    'treeSize',
    'stopGradient',
    'toArray',
    'copyTo',
    'Tensor',
    'ConvergenceError',
    'zeros',
    'ones',
  ];

  it('are about every public function', () => {
    assert.deepEqual(unrefused(bigrad, Object.values(tables).flat(), exempt), []);
  });

  it('would miss a function without one', () => {
    assert.deepEqual(unrefused({ ...bigrad, newOp: () => 1 }, Object.values(tables).flat(), exempt), ['newOp']);
  });

  it('leave toArray and copyTo, which reject', async () => {
    await assert.rejects(bigrad.copyTo({}, wrong('gpu')), /^TypeError: copyTo: expected a device/);
    await assert.rejects(bigrad.toArray(wrong([1])), /^TypeError: toArray: expected a tensor, got an array/);
  });
});
