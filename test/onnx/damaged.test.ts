import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTensor } from './format.js';
import { FLOAT, floats, INT64, writeCase } from './models.js';
import { casesIn, runCase } from './run-case.js';

describe('damaged files of the ONNX node tests', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'onnx-damaged-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Why a case of `Abs` fails whose output is these bytes, or whose output this tensor is. */
  const whyOf = (output: object): string => {
    writeCase(folder, 'test_abs', { op_type: 'Abs' }, [floats([-1, 2])], [output]);
    const outcome = runCase(join(folder, 'test_abs'));
    return outcome.kind === 'failed' ? outcome.why : outcome.kind;
  };

  it('fail, and do not count as without an expression', () => {
    assert.equal(whyOf(floats([1, 2])), 'passed');
    assert.equal(whyOf(new Uint8Array()), 'Error: output_0.pb: expected a type of elements, got none');
    const raw = (data_type: number, bytes: number) => ({ dims: [2], data_type, raw_data: new Uint8Array(bytes) });
    assert.equal(whyOf(raw(FLOAT, 12)), 'Error: output_0.pb: float [2]: expected 8 bytes, got 12');
    assert.equal(whyOf(raw(INT64, 15)), 'Error: output_0.pb: int64 [2]: expected 16 bytes, got 15');
    assert.equal(whyOf(floats([1], [2])), 'Error: output_0.pb: float [2]: expected 2 elements, got 1');
    assert.equal(whyOf({ dims: [2], data_type: INT64 }), 'Error: output_0.pb: int64 [2]: expected 2 elements, got 0');
    assert.match(whyOf(writeTensor(floats([1, 2])).slice(0, -1)), /^Error: output_0.pb: index out of range/);
  });

  it('fail where no type of elements is declared', () => {
    writeCase(folder, 'test_untyped', { op_type: 'Abs' }, [floats([-1])], [floats([1])], [FLOAT, 0]);
    const outcome = runCase(join(folder, 'test_untyped'));
    assert.deepEqual(outcome, { kind: 'failed', why: 'Error: expected a type of elements, got none' });
  });

  it('fail with the name of what is missing', () => {
    const set = join(folder, 'test_add', 'test_data_set_0');
    const failure = (damage: () => void): string => {
      writeCase(folder, 'test_add', { op_type: 'Add' }, [floats([1]), floats([2])], [floats([3])]);
      damage();
      const outcome = runCase(join(folder, 'test_add'));
      return outcome.kind === 'failed' ? outcome.why : outcome.kind;
    };
    const model = join(folder, 'test_add', 'model.onnx');
    assert.equal(
      failure(() => undefined),
      'passed',
    );
    assert.equal(
      failure(() => {
        rmSync(join(set, 'input_1.pb'));
      }),
      "Error: Add: expected a value for 'x1', got none",
    );
    assert.equal(
      failure(() => {
        rmSync(join(set, 'input_0.pb'));
      }),
      'Error: expected input_0.pb, got input_1.pb',
    );
    assert.equal(
      failure(() => {
        writeFileSync(model, '');
      }),
      'Error: model.onnx: expected a model with a graph, got none',
    );
    assert.match(
      failure(() => {
        rmSync(model);
      }),
      /^Error: model.onnx: ENOENT/,
    );
    assert.ok(casesIn(folder).includes('test_add'));
    assert.match(
      failure(() => {
        writeFileSync(model, 'no model');
      }),
      /^Error: model.onnx: /,
    );
  });
});
