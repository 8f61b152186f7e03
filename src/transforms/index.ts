export * from './checkpoint.js';
export * from './custom-vjp.js';
export * from './jacobian.js';
export * from './products.js';
export * from './vjp.js';
