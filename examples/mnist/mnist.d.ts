/** Ten thousand digits of MNIST; the package has no types. */
declare module 'mnist' {
  /** For each digit its images one after another, 784 numbers from 0 to 1 each. */
  const digits: readonly { readonly raw: readonly number[]; readonly length: number }[];
  export default digits;
}
