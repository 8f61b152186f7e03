// WebGPU's buffer usages, which are pinned by its specification.
const [MAP_READ, COPY_SRC, COPY_DST, UNIFORM, STORAGE] = [1, 4, 8, 64, 128];

/** Elements: kernels read and write them, and they are copied from and to main memory. */
export const STORAGE_USAGE = STORAGE | COPY_SRC | COPY_DST;
/** A copy on its way to main memory. */
export const STAGING_USAGE = MAP_READ | COPY_DST;
/** Numbers that are the same for all threads of a kernel. */
export const UNIFORM_USAGE = UNIFORM | COPY_DST;
