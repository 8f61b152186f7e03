import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile, randomKey, randomNormal, reshape, valueAndGrad, type Tensor } from 'bigrad';
import { graph, profile, type Graph, type Profile } from 'bigrad/debug';
import { meanSquaredError } from 'bigrad/nn';
import { adam } from 'bigrad/optim';
import { alloyHead, alloyTrunk } from './network.js';

// npx tsx examples/x-yield/look.ts [TRACE]: the graph and the profile of docs/debugging.md.

/** What bigrad/debug says of the X-Yield network: its graph, and its training step in a plan. */
export function look(batch: number, runs: number): { graph: Graph; profile: Profile } {
  const [trunk, head] = [alloyTrunk(), alloyHead(1)];
  const params = { trunk: trunk.init(randomKey(1)), head: head.init(randomKey(2)) };
  const statistics = trunk.initState(params.trunk);
  const x = randomNormal(randomKey(3), [batch, 2, 9, 18]);
  const y = randomNormal(randomKey(4), [batch]);
  const optimizer = adam({ learningRate: 1e-3 });

  const predict = (p: typeof params, images: Tensor) => {
    const [features, next] = trunk.apply(p.trunk, images, statistics, { training: false });
    return [head.apply(p.head, features), next] as const;
  };
  const step = (p: typeof params, state: ReturnType<typeof optimizer.init>, before: typeof statistics) => {
    const loss = (w: typeof params): [Tensor, typeof statistics] => {
      const [features, next] = trunk.apply(w.trunk, x, before, { training: true });
      return [meanSquaredError(reshape(head.apply(w.head, features), [-1]), y), next];
    };
    const [[value, after], gradient] = valueAndGrad(loss, { hasAux: true })(p);
    return [value, optimizer.update(gradient, state, p), after] as const;
  };
  return {
    graph: graph((p: typeof params, images: Tensor) => predict(p, images)[0])(params, x),
    profile: profile(compile(step), { runs })(params, optimizer.init(params), statistics),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file] = parseArgs({ allowPositionals: true }).positionals;
  const found = look(16, 200);
  console.log(`${found.graph.mermaid({ views: false })}\n\n${found.profile.table(12)}`);
  if (file !== undefined) writeFileSync(file, JSON.stringify(found.profile.chromeTrace()));
}
