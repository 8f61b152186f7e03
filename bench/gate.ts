import { gate, vjp, type Tensor } from 'bigrad';
import type { Case } from './case.js';
import { bytes, draw } from './draw.js';

const EPS = 0.1;

// Bytes: forward reads m and writes y; the gradient reads g and m and writes dm. Shapes: the masks
// of the second and third layers.
const sized = (o: number, c: number): Case[] => {
  const shape = [o, c, 3, 3];
  const size = o * c * 9;
  return [
    {
      name: `gate forward [${shape.join(',')}]`,
      work: bytes(size, size),
      prepare: () => {
        const m = draw(shape);
        return () => gate(m, EPS);
      },
    },
    {
      name: `gate gradient [${shape.join(',')}]`,
      work: bytes(size, size, size),
      prepare: () => {
        const g = draw(shape, 1);
        const [, pull] = vjp((m: Tensor) => gate(m, EPS), draw(shape));
        return () => pull(g);
      },
    },
  ];
};

export const cases: readonly Case[] = [...sized(32, 16), ...sized(64, 32)];
