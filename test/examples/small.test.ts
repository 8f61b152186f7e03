import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { TopLevelSpec } from 'vega-lite';
import { run as hyperparameters } from '../../examples/hyperparameters/main.js';
import { svgOf } from '../../examples/lab/svg.js';
import { run as maml } from '../../examples/maml/main.js';
import { run as mnist } from '../../examples/mnist/main.js';
import { run as pinn } from '../../examples/pinn/main.js';
import { run as transformer } from '../../examples/transformer/main.js';

/** Runs an example at a small size: its results, and the lines that it prints. */
function ran<R extends { readonly picture: TopLevelSpec }>(run: (log: (line: string) => void) => R) {
  const lines: string[] = [];
  return { ...run((line) => lines.push(line)), lines };
}

/** Asserts that the lines have finite numbers, and the picture more than some marks. */
async function isShown(lines: readonly string[], picture: TopLevelSpec, marks: number): Promise<void> {
  assert.ok(lines.length > 0);
  for (const line of lines) assert.doesNotMatch(line, /NaN|Infinity|undefined/);
  const svg = await svgOf(picture);
  assert.match(svg, /^<svg /);
  assert.doesNotMatch(svg, /NaN|undefined/);
  assert.ok(svg.split('<path').length > marks, `${svg.split('<path').length} paths`);
}

describe('the small examples, at a small size', () => {
  it('mnist reads most digits after one epoch', async () => {
    const { accuracy, lines, picture } = ran((log) => mnist({ train: 1500, test: 200, epochs: 1, batch: 30, log }));
    assert.ok(accuracy > 0.7, `accuracy ${accuracy}`);
    await isShown(lines, picture, 300);
  });

  it('maml gains by steps on a new wave, and training without them loses', async () => {
    const { table, lines, picture } = ran((log) => maml({ steps: 400, tasks: 6, log }));
    const [[before, after], [, without]] = table as [number[], number[]];
    assert.ok(after! < 0.9 * before!, `${before} before a step, ${after} after it`);
    assert.ok(after! < without!, `${after} with MAML, ${without} without`);
    await isShown(lines, picture, 10);
  });

  it('pinn comes near to a solution that it never saw', async () => {
    const { errors, lines, picture } = ran((log) => pinn({ steps: 300, points: 64, log }));
    assert.ok(Math.max(...errors) < 0.1, `errors ${errors.join(', ')}`);
    await isShown(lines, picture, 40);
  });

  it('transformer writes the letters of most words backwards', async () => {
    const { accuracy, lines, picture } = ran((log) => transformer({ steps: 80, batch: 24, words: 50, log }));
    assert.ok(accuracy > 0.5, `accuracy ${accuracy}`);
    await isShown(lines, picture, 200);
  });

  it('hyperparameters of every feature beat one for all', async () => {
    const { errors, lines, picture } = ran((log) => hyperparameters({ steps: 60, log }));
    const [none, one, many] = errors as [number, number, number];
    assert.ok(many < 0.9 * Math.min(none, one), `${none} without a penalty, ${one} with one, ${many} with many`);
    await isShown(lines, picture, 40);
  });
});

describe('the small examples', () => {
  for (const name of ['mnist', 'maml', 'pinn', 'transformer', 'hyperparameters'])
    it(`${name} has files below 80 lines, a picture, and a page that shows both`, () => {
      const folder = `examples/${name}`;
      for (const file of readdirSync(folder).filter((path) => path.endsWith('.ts'))) {
        const lines = readFileSync(`${folder}/${file}`, 'utf8').split('\n').length - 1;
        assert.ok(lines < 80, `${file} has ${lines} lines`);
      }
      const page = readFileSync(`${folder}/README.md`, 'utf8');
      assert.ok(page.includes(`npx tsx examples/${name}/main.ts`));
      assert.ok(page.includes('](picture.svg)'));
      assert.match(readFileSync(`${folder}/picture.svg`, 'utf8'), /^<svg /);
    });
});
