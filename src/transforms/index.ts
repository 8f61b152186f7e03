export { checkpoint } from './checkpoint.js';
export * from './custom-vjp.js';
export * from './jacobian.js';
export * from './second-order.js';
export { grad, valueAndGrad, vjp, type HasAux } from './vjp.js';
export { vmap, type BatchAxes, type Vmapped, type VmapOptions } from './vmap.js';
