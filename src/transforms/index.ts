export * from './products.js';
export * from './vjp.js';
