import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { Job } from '../../gpu/jobs.js';
import { NotWritten, operandsOf, type Candidate, type Task } from '../../gpu/task.js';
import { webGpuAdapter } from './adapter.js';

// tfjs keeps images as [n,h,w,c] and filters as [r,s,c,o]: operands are turned before a run and
// results after it.

const NHWC = [0, 2, 3, 1];
const NCHW = [0, 3, 1, 2];
const HWIO = [2, 3, 1, 0];
const OIHW = [3, 2, 0, 1];

type Rank4 = tf.Tensor4D;
const turn = (x: tf.Tensor, order: number[]): Rank4 => tf.transpose(x as Rank4, order);

/** What is timed, and how its result is turned. */
function runOf({ kind, shapes }: Job, xs: tf.Tensor[]): [run: () => tf.Tensor, order?: number[]] {
  const images = (x: tf.Tensor): Rank4 => turn(x, NHWC);
  switch (kind) {
    case 'matmul':
      return [() => tf.matMul(xs[0]!, xs[1]!)];
    case 'conv forward':
    case 'conv input':
    case 'conv weight': {
      const [x, f, g] = [images(xs[0]!), turn(xs[1]!, HWIO), images(xs[2]!)];
      const attributes = { strides: [1, 1], pad: 1, dataFormat: 'NHWC', filterShape: f.shape };
      if (kind === 'conv forward') return [() => tf.conv2d(x, f, 1, 1), NCHW];
      if (kind === 'conv input') return [() => tf.conv2dTranspose(g, f, x.shape, 1, 1), NCHW];
      // As tfjs's own gradient calls it, without the forward pass.
      return [() => tf.engine().runKernel('Conv2DBackpropFilter', { x, dy: g }, attributes) as tf.Tensor, OIHW];
    }
    case 'max pool': {
      const x = images(xs[0]!);
      return [() => tf.maxPool(x, 2, 2, 1, 'floor'), NCHW];
    }
    case 'add': {
      const [x, y] = shapes[0]!.length === 4 ? xs.map(images) : xs;
      return [() => tf.add(x!, y!), shapes[0]!.length === 4 ? NCHW : undefined];
    }
    case 'exp':
      return [() => tf.exp(xs[0]!)];
    case 'relu':
      return [() => tf.relu(xs[0]!)];
    case 'sum':
      return [() => tf.sum(xs[0]!)];
    case 'sum over rows':
      return [() => tf.sum(xs[0]!, 0)];
    default:
      throw new NotWritten();
  }
}

/** What tfjs says it runs on. */
async function adapterOf(backend: string): Promise<string> {
  if (backend !== 'webgl') return webGpuAdapter();
  const gl = (tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } }).gpgpu.gl;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/** tfjs on one of its backends. */
export const tfjsOn = (backend: 'webgl' | 'webgpu'): Candidate => ({
  name: `tfjs ${backend}`,
  start: async () => {
    const started = await tf.setBackend(backend);
    if (!started || tf.getBackend() !== backend) throw new Error(`tfjs: expected the backend '${backend}' to start`);
    await tf.ready();
    return {
      name: `tfjs ${backend}`,
      adapter: await adapterOf(backend),
      prepare: (job): Task<tf.Tensor> => {
        tf.engine().startScope();
        const xs = operandsOf(job).map((data, i) => tf.tensor(data, [...job.shapes[i]!]));
        let made: ReturnType<typeof runOf>;
        try {
          made = runOf(job, xs);
        } catch (error) {
          tf.engine().endScope();
          throw error;
        }
        const [run, order] = made;
        return {
          run: () => tf.tidy(run),
          wait: async (ys) => {
            const one = tf.tidy(() => ys.at(-1)!.flatten().slice([0], [1]));
            await one.data();
            one.dispose();
          },
          read: async (y) => {
            const turned = order ? tf.transpose(y, order) : y;
            return new Float32Array(await turned.data());
          },
          release: (y) => y.dispose(),
          end: () => tf.engine().endScope(),
        };
      },
      end: () => undefined,
    };
  },
});
