import { digits } from '../examples/mnist/digits.js';
import { run } from '../examples/mnist/main.js';
let t=performance.now(); const u0=process.cpuUsage(); digits(500); console.log('digits', performance.now()-t, process.cpuUsage(u0));
t=performance.now(); const u1=process.cpuUsage(); console.log(run({train:1000,test:200,epochs:1}).accuracy); console.log('run', performance.now()-t, process.cpuUsage(u1));
