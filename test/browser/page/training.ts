import { grad, leaves, matmul, mean, reference, square, sub, tanh, tensor, type Backend, type Tensor } from 'bigrad';
import { gpu, type Device, type Mode } from 'bigrad/gpu';
import { adam } from 'bigrad/optim';

interface Params {
  readonly w: Tensor;
  readonly v: Tensor;
}

/** What a training loop leaves behind. */
export interface Trained {
  readonly loss: number;
  /** The loss after as many steps on the reference device. */
  readonly expected: number;
  /** Live buffers beyond those before training, at every 50th step. */
  readonly buffers: readonly number[];
}

/** Trains a small network by Adam, releasing each step's tensors when the next one's are there. */
export async function training(mode: Mode, steps: number): Promise<Trained> {
  const device = await gpu({ mode });
  const buffers: number[] = [];
  const before = device.memory().buffers;
  const loss = await train(
    device,
    steps,
    (fn) => device.scope(fn),
    device.dispose,
    () => buffers.push(device.memory().buffers - before),
  );
  const expected = await train(reference, steps, (fn) => fn());
  device.dispose();
  return { loss, expected, buffers };
}

async function train(
  device: Backend,
  steps: number,
  scope: <T>(fn: () => T) => T,
  release: Device['dispose'] = () => undefined,
  look: () => void = () => undefined,
): Promise<number> {
  const x = tensor(
    [
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    { device },
  );
  const y = tensor([[1], [1], [0]], { device });
  const loss = ({ w, v }: Params): Tensor => mean(square(sub(matmul(tanh(matmul(x, w)), v), y)));
  const optimizer = adam({ learningRate: 0.01 });
  let params: Params = {
    w: tensor(
      [
        [0.1, -0.2, 0.3],
        [0.2, 0.1, -0.1],
      ],
      { device },
    ),
    v: tensor([[0.1], [0.2], [0.3]], { device }),
  };
  let state = optimizer.init(params);
  for (let step = 0; step < steps; step++) {
    const old = leaves([params, state]);
    [params, state] = scope(() => optimizer.update(grad(loss)(params), state, params));
    for (const tensor of old) release(tensor);
    if (step % 50 > 0) continue;
    await params.w.read(); // kernels that compile keep what they need
    look();
  }
  const [end] = await scope(() => loss(params)).read();
  return end!;
}
