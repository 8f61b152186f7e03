/** The one function used of jstat, which ships no types. */
declare module 'jstat' {
  const jStat: {
    readonly studentt: {
      /**
       * The quantile of Student's t distribution with `dof` degrees of freedom at probability `p`.
       */
      inv(p: number, dof: number): number;
    };
  };
  export default jStat;
}
