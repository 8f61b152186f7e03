/** The part of the WebAssembly interface that Node's types leave out. */
interface Instances {
  Instance: new (module: object, imports: { env: Functions }) => { readonly exports: Functions };
}
type Callable = (...args: unknown[]) => unknown;
type Functions = Readonly<Record<string, unknown>>;

/**
 * Runs `f` and tells which functions of WebAssembly modules that were instantiated meanwhile were
 * called, by name.
 */
export function kernelsCalled(f: () => void): ReadonlySet<string> {
  const wasm = (globalThis as unknown as { WebAssembly: Instances }).WebAssembly;
  const { Instance } = wasm;
  const called = new Set<string>();
  const originals = new Map<unknown, unknown>(); // functions of vectors can be called by modules only, not through JavaScript
  const watch = (name: string, value: unknown): unknown => {
    if (typeof value !== 'function') return value;
    const watched = (...args: unknown[]): unknown => (called.add(name), (value as Callable)(...args));
    originals.set(watched, value);
    return watched;
  };
  const mapped = (functions: Functions, g: (name: string, value: unknown) => unknown): Functions =>
    Object.fromEntries(Object.entries(functions).map(([name, value]) => [name, g(name, value)]));
  wasm.Instance = class {
    readonly exports: Functions;
    constructor(module: object, { env }: { env: Functions }) {
      const own = mapped(env, (_, value) => originals.get(value) ?? value);
      this.exports = mapped(new Instance(module, { env: own }).exports, watch);
    }
  };
  try {
    f();
  } finally {
    wasm.Instance = Instance;
  }
  return called;
}
