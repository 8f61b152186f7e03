import { compile, matmul, randomKey, randomNormal, type Tensor } from 'bigrad';
import { READY, type Post } from '../../../src/backends/cpu/simd/threads/thread.js';

interface WorkerClass {
  readonly prototype: { postMessage(message: unknown): void };
}
const { Worker } = globalThis as unknown as { readonly Worker: WorkerClass };

/**
 * A product on three threads of which the page's is one, made until both others have helped:
 * whether it has the bits of one thread each time.
 */
export async function threads(): Promise<boolean[]> {
  const posts: Post[] = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (post: unknown) {
    posts.push(post as Post);
    postMessage.call(this, post);
  };
  const started = ({ memory, words }: Post) => Atomics.load(new Int32Array(memory.buffer, words), READY) === 2;
  /** Products leave their traces in the scratch memory of who makes them. */
  const helped = ({ memory, scratch }: Post) => new Float32Array(memory.buffer, scratch, 1000).some((v) => v !== 0);

  const [x, y] = [randomNormal(randomKey(1), [300, 200]), randomNormal(randomKey(2), [200, 250])];
  const product = (a: Tensor, b: Tensor): Tensor => matmul(a, b);
  const expected = compile(product)(x, y).readSync();
  const shared = compile(product, { threads: 3 });
  const same: boolean[] = [];
  do {
    const got = shared(x, y).readSync();
    same.push(got.every((value, i) => value === expected[i]));
    await new Promise((resolve) => setTimeout(resolve, 5));
  } while (!posts.every((post) => started(post) && helped(post)));
  return same;
}

/** What `compile` says of threads on a page that is not isolated. */
export function refusal(): string {
  const name = 'crossOriginIsolated';
  const real = Object.getOwnPropertyDescriptor(globalThis, name)!;
  Object.defineProperty(globalThis, name, { value: false, configurable: true });
  try {
    const x = randomNormal(randomKey(1), [300, 300]);
    compile((a: Tensor) => matmul(a, a), { threads: 2 })(x);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  } finally {
    Object.defineProperty(globalThis, name, real);
  }
}
