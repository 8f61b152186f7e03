import { add, mul, tanh, sum, compile, tensor, zeros, type Tensor } from 'bigrad';
for (const n of [1000, 5000]) {
  for (const [name, f] of [
    ['chain', (x: Tensor) => { for (let i=0;i<n;i++) x = tanh(add(x, 0.1)); return x; }],
    ['chain with constants', (x: Tensor) => { for (let i=0;i<n;i++) x = mul(x, 1 + i*1e-6); return x; }],
    ['all alive', (x: Tensor) => { const xs: Tensor[]=[x]; for (let i=0;i<n;i++) xs.push(tanh(xs[i]!)); return xs.reduce((a,b)=>add(a,b)); }],
    ['all results', (x: Tensor) => { const xs: Tensor[]=[x]; for (let i=0;i<n;i++) xs.push(tanh(xs[i]!)); return xs; }],
  ] as const) {
    const c = compile(f as (x: Tensor) => unknown);
    const t = performance.now(); c(tensor([1,2,3])); const t2 = performance.now(); c(tensor([1,2,3]));
    console.log(n, name, (t2-t).toFixed(0), 'ms; run', (performance.now()-t2).toFixed(1), c.stats!.steps, c.stats!.buffers, c.stats!.bytes);
  }
}
