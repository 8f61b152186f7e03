import { ELEMENTS } from './elements.js';

const ALPHA = 1 / 12; // line tension, Maresca and Curtin's value for BCC edge dislocations
const BOLTZMANN = 8.617333e-5; // eV/K
const EV = 160.2177; // GPa A^3
const STRAIN_RATES = Math.log(1e4 / 1e-3); // reference rate over test rate
const TAYLOR = 3.067; // yield strength over shear stress of a BCC polycrystal

/**
 * What the edge-dislocation model says of a composition: `tau0`, GPa, at 0 K and the barrier `dE`,
 * eV.
 */
export interface Simulation {
  readonly tau0: number;
  readonly dE: number;
}

/**
 * The temperature-independent part of the simulator, from atomic fractions in the order of
 * `ELEMENTS`: `tau0 = 0.040 alpha^(-1/3) mu q^(4/3) m^(2/3)` and `dE = 2.00 alpha^(1/3) mu b^3
 * q^(2/3) m^(1/3)`, with `m = sum c_n (V_n - V)^2 / b^6`, `q = (1 + nu) / (1 - nu)` and averages
 * over the fractions.
 *
 * Reduced edge-dislocation model of Maresca and Curtin, Acta Mater. 182 (2020). A pure element has
 * no misfit and no strength: both are 0.
 */
export function simulate(fractions: readonly number[]): Simulation {
  const average = (property: (element: (typeof ELEMENTS)[number]) => number) =>
    ELEMENTS.reduce((sum, element, n) => sum + fractions[n]! * property(element), 0);
  const C11 = average((e) => e.C11);
  const C12 = average((e) => e.C12);
  const C44 = average((e) => e.C44);
  const V = average((e) => e.volume);
  const mu = Math.sqrt((C44 * (C11 - C12)) / 2);
  const B = (C11 + 2 * C12) / 3;
  const nu = (3 * B - 2 * mu) / (2 * (3 * B + mu));
  const b = (Math.sqrt(3) / 2) * Math.cbrt(2 * V);
  const q = (1 + nu) / (1 - nu);
  const m = average((e) => (e.volume - V) ** 2) / b ** 6;
  return {
    tau0: 0.04 * ALPHA ** (-1 / 3) * mu * q ** (4 / 3) * m ** (2 / 3),
    dE: (2 * ALPHA ** (1 / 3) * mu * b ** 3 * q ** (2 / 3) * Math.cbrt(m)) / EV,
  };
}

/**
 * The yield strength in GPa at a temperature in K: `3.067 tau`, where with `x = (k T / dE) ln(1e4 /
 * 1e-3)` `tau = tau0 (1 - x^(2/3))` while that factor is at least a half, and `tau0 exp(-x / 0.55)`
 * beyond.
 */
export function strengthAt({ tau0, dE }: Simulation, temperature: number): number {
  const x = ((BOLTZMANN * temperature) / dE) * STRAIN_RATES;
  const low = 1 - x ** (2 / 3);
  return TAYLOR * tau0 * (low >= 0.5 ? low : Math.exp(-x / 0.55));
}

/** The simulated yield strength, GPa, of a composition at a temperature in K. */
export function yieldStrength(fractions: readonly number[], temperature: number): number {
  return strengthAt(simulate(fractions), temperature);
}
