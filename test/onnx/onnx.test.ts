import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from 'bigrad';
import { writeOptional, writeSequence } from './format.js';
import { run } from '../../bench/options.js';
import { main, reportOf, runAll } from './main.js';
import { NotExpressible, tensorOf } from './node.js';
import { BFLOAT16, BOOL, FLOAT, floats, INT64, longs, writeCase } from './models.js';
import { difference, runCase } from './run-case.js';
import { expressions, reasons } from './table.js';

const [UINT8, UINT16, STRING] = [2, 4, 8];

describe('the adapter of the ONNX node tests', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'onnx-'));
    const clip = { op_type: 'Elu', attribute: [{ name: 'alpha', f: 2, type: 1 }] };
    writeCase(
      folder,
      'test_add',
      { op_type: 'Add' },
      [floats([1, 2, 3, 4], [2, 2]), floats([10, 20])],
      [floats([11, 22, 13, 24], [2, 2])],
    );
    writeCase(folder, 'test_elu', clip, [floats([-1, 3])], [floats([2 * Math.expm1(-1), 3])]);
    writeCase(
      folder,
      'test_reshape',
      { op_type: 'Reshape' },
      [floats([1, 2]), longs([-1, 1])],
      [floats([1, 2], [2, 1])],
      [FLOAT, INT64],
    );
    writeCase(folder, 'test_wrong', { op_type: 'Abs' }, [floats([-1])], [floats([1.001])]);
    writeCase(folder, 'test_strange', { op_type: 'Frobnicate' }, [floats([1])], [floats([1])]);
    writeCase(folder, 'test_text', { op_type: 'Identity' }, [floats([1])], [floats([1])], [STRING]);
    writeCase(folder, 'test_none', { op_type: 'Identity' }, [floats([1])], []);
    const sequence = { sequence_type: { elem_type: { tensor_type: { elem_type: FLOAT } } } };
    const list = (...rows: number[][]): Uint8Array =>
      writeSequence({ elem_type: FLOAT, tensor_values: rows.map((row) => floats(row)) });
    const insert = { op_type: 'SequenceInsert' };
    const longer = list([1], [2, 3]);
    writeCase(folder, 'test_insert', insert, [list([1]), floats([2, 3])], [longer], [sequence, FLOAT, sequence]);
    writeCase(folder, 'test_shorter', insert, [list(), floats([2, 3])], [longer], [sequence, FLOAT, sequence]);
    const optional = { optional_type: { elem_type: sequence } };
    const get = { op_type: 'OptionalGetElement' };
    const full = writeOptional({ elem_type: 3, sequence_value: { tensor_values: [floats([1]), floats([2, 3])] } });
    writeCase(folder, 'test_get', get, [full], [longer], [optional, sequence]);
    const has = { op_type: 'OptionalHasElement' };
    const no = { dims: [], data_type: BOOL, raw_data: Uint8Array.of(0) };
    writeCase(folder, 'test_has', has, [writeOptional({ elem_type: 0 })], [no], [optional, BOOL]);
    const maybe = { optional_type: { elem_type: { tensor_type: { elem_type: FLOAT } } } };
    const one = writeOptional({ elem_type: 1, tensor_value: floats([4]) });
    writeCase(folder, 'test_maybe', get, [one], [floats([4])], [maybe, FLOAT]);
    const bits = { dims: [2], data_type: UINT16, int32_data: [0x3f80, 0xc000] };
    writeCase(folder, 'test_widen', { op_type: 'Identity' }, [bits], [floats([1, -2])], [BFLOAT16, FLOAT]);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('runs expressions of bigrad, and says what passed, what failed, and what has no expression', () => {
    const names = ['test_add', 'test_elu', 'test_none', 'test_reshape', 'test_strange', 'test_text', 'test_wrong'];
    const outcomes = runAll(folder, names);
    const kinds = [...outcomes.values()].map(({ kind }) => kind);
    assert.deepEqual(kinds, ['passed', 'passed', 'failed', 'passed', 'not expressible', 'not expressible', 'failed']);
    assert.deepEqual(reportOf(outcomes).split('\n'), [
      'not expressible:',
      '  1 Frobnicate: unknown',
      '  1 no dtype string',
      'failed: test_none: no outputs to compare',
      `failed: test_wrong: output 0: element 0: expected ${Math.fround(1.001)}, got 1`,
      '3 passed, 2 failed, 2 not expressible, 0 mistaken',
    ]);
  });

  it('reads sequences, optional values and bfloat16 by their declared types', () => {
    const names = ['test_get', 'test_has', 'test_insert', 'test_maybe', 'test_shorter', 'test_widen'];
    assert.equal(
      reportOf(runAll(folder, names)),
      'failed: test_shorter: output 0: expected a sequence of 2, got one of 1\n5 passed, 1 failed, 0 not expressible, 0 mistaken',
    );
  });

  it('allows less exact numbers by the name of a case, and not by its folder', () => {
    const inner = join(folder, 'test_roialign_1');
    const off = { op_type: 'Abs' };
    for (const [at, name, by] of [
      [folder, 'test_roialign_1', 9e-5],
      [folder, 'test_roialign_2', 1.5e-4],
      [inner, 'test_abs', 9e-5],
      [inner, 'test_abs_close', 9e-6],
    ] as const)
      writeCase(at, name, off, [floats([-1])], [floats([1 + by])]);
    const outcome = (at: string, name: string): unknown => runCase(join(at, name)).kind;
    assert.deepEqual([outcome(folder, 'test_roialign_1'), outcome(folder, 'test_roialign_2')], ['passed', 'failed']);
    assert.deepEqual([outcome(inner, 'test_abs'), outcome(inner, 'test_abs_close')], ['failed', 'passed']);
  });

  it('calls a case mistaken where it needs an attribute that its node lacks, and nothing else', () => {
    const one = floats([1]);
    /** A step of Adam from 1 with the gradient 1 and without decay, so that its rate is 1. */
    const adam = (name: string, next: number, attribute: object[] = []): unknown => {
      const numbers = { op_type: 'Adam', attribute: [{ name: 'alpha', f: 0 }, { name: 'beta', f: 0 }, ...attribute] };
      const ins = [one, longs([0]), one, one, floats([0]), floats([0])];
      writeCase(folder, name, numbers, ins, [floats([next])], [FLOAT, INT64]);
      return runCase(join(folder, name));
    };
    const wrong = 1 - 1 / 1.01;
    const why = 'its numbers have epsilon = 0.01, which its node lacks';
    assert.deepEqual(adam('test_adam_multiple', wrong), { kind: 'mistaken', why });
    assert.equal(
      reportOf(runAll(folder, ['test_adam_multiple'])),
      `mistaken: test_adam_multiple: ${why}\n0 passed, 0 failed, 0 not expressible, 1 mistaken`,
    );
    assert.match(JSON.stringify(adam('test_adam_multiple', 0.5)), /failed.*expected 0.5/);
    assert.deepEqual(adam('test_adam_multiple', wrong, [{ name: 'epsilon', f: 0.01 }]), { kind: 'passed' });
    assert.match(JSON.stringify(adam('test_adam', wrong)), /failed.*expected/);
  });

  it('ends with 0, with 1 where a case fails, and with 2 for a wrong call', async () => {
    const said: string[] = [];
    const print = (text: string): void => void said.push(text);
    const codeOf = async (...args: string[]): Promise<unknown> => {
      await run(() => Promise.resolve().then(() => main(args, print, print)));
      const code = process.exitCode;
      process.exitCode = undefined;
      return code;
    };
    const wrong = [
      [join(folder, 'nowhere')],
      [join(folder, 'test_add')],
      [import.meta.filename],
      [folder, 'nothing'],
      [],
    ];
    assert.deepEqual(await codeOf(folder, 'add'), 0);
    assert.deepEqual(await codeOf(folder), 1);
    for (const args of wrong) assert.deepEqual(await codeOf(...args), 2);
    assert.match(said[0]!, /^1 passed, 0 failed, 0 not expressible, 0 mistaken$/);
    assert.match(said[2]!, /^error: no folder '.*nowhere'/);
    assert.match(said[4]!, /^error: no folder '.*onnx.test.ts'/);
  });

  it('reads integers of all widths as int32, and no more than that holds', () => {
    const bytes = (type: number, raw_data: Uint8Array) => ({ dims: [2], data_type: type, raw_data });
    const list = (proto: object): number[] =>
      Array.from(tensorOf({ int32_data: [], int64_data: [], uint64_data: [], ...proto } as never).readSync());
    assert.deepEqual(list(bytes(UINT8, Uint8Array.of(255, 1))), [255, 1]);
    assert.deepEqual(list(bytes(INT64, new Uint8Array(BigInt64Array.of(-7n, 2n).buffer))), [-7, 2]);
    assert.throws(() => list(bytes(INT64, new Uint8Array(BigInt64Array.of(2n ** 31n, 0n).buffer))), NotExpressible);
  });

  it('sees another shape, another dtype, another number, and what is absent', () => {
    const x = tensor([1, NaN]);
    assert.equal(difference(tensor([1, NaN]), x), undefined);
    assert.match(difference(tensor([[1, NaN]]), x)!, /shape \[2\], got \[1,2\]/);
    assert.match(difference(tensor([1, NaN], { dtype: 'float64' }), x)!, /float32, got float64/);
    assert.match(difference(tensor([1, 0]), x)!, /element 1: expected NaN, got 0/);
    assert.match(difference(undefined, x)!, /expected a tensor, got none/);
    assert.match(difference(x, undefined)!, /expected none, got a tensor/);
    assert.equal(difference(undefined, undefined), undefined);
    const list = { items: [tensor([1]), x] };
    assert.equal(difference({ items: [tensor([1]), x] }, list), undefined);
    assert.match(difference({ items: [tensor([1]), tensor([1, 2])] }, list)!, /tensor 1: element 1: .* got 2/);
    assert.match(difference(x, list)!, /expected a sequence, got a tensor/);
    assert.match(difference(list, x)!, /expected a tensor, got a sequence/);
    const infinite = tensor([Infinity]);
    assert.equal(difference(tensor([Infinity]), infinite), undefined);
    for (const v of [5, -Infinity]) assert.match(difference(tensor([v]), infinite)!, /expected Infinity/);
  });

  it('has an expression for an operator or a reason, and not both', () => {
    assert.deepEqual(
      Object.keys(reasons).filter((op) => op in expressions),
      [],
    );
  });
});
