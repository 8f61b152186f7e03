// What is used of GPU.js 2.24 and of WebGPU, and no more. GPU.js's own types are looser and, here
// and there, narrower than what it does.

/** Where kernels run. */
export type Mode = 'webgpu' | 'webgl2' | 'webgl' | 'headlessgl' | 'webasm' | 'cpu';

/** Elements on the device: as GPU.js hands them out, and in mode webgpu in a buffer of our own. */
export type Handle = Float32Array | Texture | BufferHandle;
/** A handle, or one that is being made. */
export type Pending = Handle | Promise<Handle>;

/** The package gpu.js. */
export interface GpuJs {
  readonly GPU: new (settings: { readonly mode: Mode }) => Gpu;
  readonly WebGPUContext: WebGpuContexts;
}

/** GPU.js in one mode. */
export interface Gpu {
  /** Of the WebGL modes, once a kernel has run. */
  readonly context: WebGl;
  readonly kernels: KernelState[];
  createKernel(source: string, settings: KernelSettings): Kernel;
  destroy(): Promise<void>;
}

export interface KernelSettings {
  readonly output: readonly [size: number];
  readonly constants: Readonly<Record<string, number>>;
  readonly functions: readonly string[];
  /** Results stay on the device, as handles. */
  readonly pipeline: true;
  /** Every result has memory of its own. */
  readonly immutable: true;
  readonly loopMaxIterations: number;
  readonly precision: 'single';
  readonly tactic: 'precision';
  /** Called instead of running the kernel elsewhere. */
  readonly onRequestFallback: () => never;
}

/** A kernel as `createKernel` makes it, which compiles at its first call. */
export interface Kernel {
  (...args: readonly (Handle | number)[]): Pending;
  /** What runs it; another one once it was compiled for arguments of other kinds. */
  readonly kernel: KernelState;
  destroy(): void;
}

export interface KernelState {
  readonly constructor: { readonly mode: string };
  readonly built: boolean;
  readonly fallbackReason: string | null;
}

/** A result in the WebGL modes. */
export interface Texture {
  /** The kernel through which it is read. */
  kernel: KernelState;
  toArray(): ArrayLike<number>;
  delete(): void;
}

export interface WebGl {
  readonly RENDERER: number;
  readonly MAX_TEXTURE_SIZE: number;
  getExtension(name: 'WEBGL_debug_renderer_info'): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
}

/** Elements in mode webgpu. */
export interface BufferHandle {
  readonly slot: Slot;
  freed: boolean;
}

/** A buffer with a number of its own. */
export interface Slot {
  readonly id: number;
  readonly bytes: number;
  readonly buffer: GpuBuffer;
}

/** A kernel in mode webgpu, and what GPU.js makes of it when it is built. */
export interface WebGpuKernel extends KernelState {
  /** For arguments of these kinds: numbers, or what has the type of a buffer. */
  build(...kinds: readonly (number | { readonly type: 'WebGPUBuffer' })[]): Promise<void>;
  readonly context: WebGpuContext;
  readonly computePipeline: GpuPipeline;
  readonly bindGroupLayout: Opaque;
  /** Bytes of the parameters, and where in them the sizes and the numbers stand. */
  readonly paramsLayout: {
    readonly byteLength: number;
    readonly arrayArgs: readonly { readonly index: number; readonly dimsOffset: number }[];
    readonly scalarArgs: readonly { readonly index: number; readonly offset: number }[];
  };
  readonly paramsBuffer: GpuBuffer;
  /** For the result of a call of GPU.js's own. */
  outputBuffer: GpuBuffer | null;
  /** Workgroups for so many threads. */
  _computeDispatch(threads: readonly [x: number, y: number, z: number]): {
    readonly groups: readonly [x: number, y: number, z: number];
    readonly dispatchWidth: number;
  };
}

/** Where GPU.js takes its WebGPU device from. */
export interface WebGpuContexts {
  readonly isSupported: boolean;
  readonly acquire: () => Promise<WebGpuContext>;
}

/** The one WebGPU device of GPU.js. */
export interface WebGpuContext {
  readonly adapter: GpuAdapter;
  readonly device: GpuDevice;
  isLost: boolean;
}

/** `navigator.gpu`. */
export interface WebGpu {
  requestAdapter(): Promise<GpuAdapter | null>;
}

export interface GpuAdapter {
  readonly limits: GpuLimits;
  /** Missing in older browsers. */
  readonly info?: Readonly<Record<'vendor' | 'architecture' | 'device' | 'description', string>>;
  requestDevice(descriptor: { readonly requiredLimits: Partial<GpuLimits> }): Promise<GpuDevice>;
}

export type GpuLimits = Readonly<
  Record<
    | 'maxStorageBufferBindingSize'
    | 'maxBufferSize'
    | 'maxStorageBuffersPerShaderStage'
    | 'maxComputeInvocationsPerWorkgroup'
    | 'maxComputeWorkgroupsPerDimension'
    | 'maxComputeWorkgroupStorageSize',
    number
  >
>;

export interface GpuDevice {
  readonly limits: GpuLimits;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    submit(commands: readonly Opaque[]): void;
    /** `dataOffset` and `size` count elements. */
    writeBuffer(to: GpuBuffer, offset: number, data: ArrayBufferView, dataOffset?: number, size?: number): void;
  };
  onuncapturederror: ((event: { readonly error: GpuError }) => void) | null;
  createBuffer(descriptor: { readonly size: number; readonly usage: number }): GpuBuffer;
  createShaderModule(descriptor: { readonly code: string }): Opaque;
  createComputePipeline(descriptor: {
    readonly layout: 'auto';
    readonly compute: { readonly module: Opaque; readonly entryPoint: string };
  }): GpuPipeline;
  createBindGroup(descriptor: {
    readonly layout: Opaque;
    readonly entries: readonly { readonly binding: number; readonly resource: GpuBinding }[];
  }): GpuGroup;
  createCommandEncoder(): GpuEncoder;
  pushErrorScope(filter: 'validation' | 'out-of-memory'): void;
  popErrorScope(): Promise<GpuError | null>;
}

export interface GpuBuffer {
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuPipeline {
  getBindGroupLayout(index: number): Opaque;
}

export interface GpuEncoder {
  copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void;
  beginComputePass(): GpuPass;
  finish(): Opaque;
}

export interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: GpuGroup): void;
  dispatchWorkgroups(x: number, y: number): void;
  end(): void;
}

/** A part of a buffer. */
export interface GpuBinding {
  readonly buffer: GpuBuffer;
  readonly offset?: number;
  readonly size?: number;
}

/** What a pipeline reads and writes. */
export type GpuGroup = Opaque;

interface GpuError {
  readonly message: string;
}
/** An object that is only handed on. */
export type Opaque = object;
