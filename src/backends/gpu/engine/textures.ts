import { createCache } from './cache.js';
import type { Compiled, Engine, Recipe } from './engine.js';
import type { Gpu, Texture } from './gpu-js.js';

/** Sizes of uploads for which a kernel is kept. */
const UPLOADS = 64;

/** How data gets into textures, by a kernel that copies it, and out again. */
export function texturesOf(
  gpu: Gpu,
  compile: (recipe: Recipe) => Compiled,
): Pick<Engine, 'adapter' | 'limits' | 'upload' | 'read' | 'free'> {
  const copies = createCache(UPLOADS); // one kernel for all sizes would do, but GPU.js fails where outputs grow
  const copyOf = (size: number): Compiled =>
    compile({ source: 'function copy(x) { return x[this.thread.x]; }', helpers: [], size, constants: {} });

  const first = copyOf(1).run([Float32Array.of(0)]) as Texture; // there is a context only once a kernel has run
  const reader = first.kernel;
  first.delete();
  const gl = gpu.context;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return {
    adapter: String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
    limits: { maxTextureSize: Number(gl.getParameter(gl.MAX_TEXTURE_SIZE)) },
    upload: (data) => copies.run(String(data.length), () => copyOf(data.length), [data]) as Texture,
    read: (handle) => {
      const texture = handle as Texture;
      texture.kernel = reader; // it is read through its kernel, which may be gone
      return Float32Array.from(texture.toArray());
    },
    free: (handle) => {
      (handle as Texture).delete();
    },
  };
}
