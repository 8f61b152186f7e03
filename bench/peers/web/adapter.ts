/** What WebGPU says that it runs on. */
export async function webGpuAdapter(): Promise<string> {
  const info = (await navigator.gpu.requestAdapter())?.info;
  return [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ') || 'unnamed';
}
