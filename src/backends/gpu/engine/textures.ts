import { createCache } from './cache.js';
import type { Compiled, Engine, Handle, Recipe } from './engine.js';
import type { Any } from './loose.js';

/** Sizes of uploads for which a kernel is kept. */
const UPLOADS = 64;

/** How data gets into textures, by a kernel that copies it, and out again. */
export function texturesOf(
  gpu: Any,
  compile: (recipe: Recipe) => Compiled,
): Pick<Engine, 'adapter' | 'limits' | 'upload' | 'read' | 'free'> {
  const copies = createCache(UPLOADS); // one kernel for all sizes would do, but GPU.js fails where outputs grow
  const copyOf = (size: number): Compiled =>
    compile({ source: 'function copy(x) { return x[this.thread.x]; }', helpers: [], size, constants: {} });
  const free = (handle: Handle): void => (handle as Any).delete();

  const first: Any = copyOf(1).run([Float32Array.of(0)]); // there is a context only once a kernel has run
  const reader = first.kernel;
  free(first);
  const gl = gpu.context;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return {
    adapter: String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
    limits: { maxTextureSize: gl.getParameter(gl.MAX_TEXTURE_SIZE) },
    upload: (data) => copies.run(String(data.length), () => copyOf(data.length), [data]),
    read: (handle) => {
      (handle as Any).kernel = reader; // it is read through its kernel, which may be gone
      return Float32Array.from((handle as Any).toArray());
    },
    free,
  };
}
