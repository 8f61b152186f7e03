import { conv2d, vjp, type Tensor } from 'bigrad';
import type { Case } from './case.js';
import { draw } from './draw.js';
import { convProducts } from './work.js';

const BATCH = 16;
const options = { padding: 1 };

// Images [n,c,h,w] through filters [o,c,3,3] with padding 1, in all three directions.
// Flops of each: 2 n o h w c 9, the products with padding included.
function layer(c: number, h: number, w: number, o: number): Case[] {
  const products = convProducts(BATCH, c, h, w, o);
  const title = `[${BATCH},${c},${h},${w}] -> ${o}`;
  const inputs = (): [x: Tensor, f: Tensor, g: Tensor] => [
    draw([BATCH, c, h, w]),
    draw([o, c, 3, 3], 1),
    draw([BATCH, o, h, w], 2),
  ];
  return [
    {
      name: `conv forward ${title}`,
      work: { products: [products.forward] },
      prepare: () => {
        const [x, f] = inputs();
        return () => conv2d(x, f, options);
      },
    },
    {
      name: `conv input gradient ${title}`,
      work: { products: [products.input] },
      prepare: () => {
        const [x, f, g] = inputs();
        const [, pull] = vjp((y: Tensor) => conv2d(y, f, options), x);
        return () => pull(g);
      },
    },
    {
      name: `conv weight gradient ${title}`,
      work: { products: [products.weight] },
      prepare: () => {
        const [x, f, g] = inputs();
        const [, pull] = vjp((y: Tensor) => conv2d(x, y, options), f);
        return () => pull(g);
      },
    },
  ];
}

export const cases: readonly Case[] = [...layer(2, 9, 18, 16), ...layer(16, 5, 10, 32), ...layer(32, 3, 6, 64)];
