import { reference, type Backend } from 'bigrad';

/** A device that runs everything on the reference device and writes down the names of the ops. */
export function recording(name = 'recording'): { device: Backend; ran: string[] } {
  const ran: string[] = [];
  const device: Backend = {
    ...reference,
    name,
    run(op, ins, outs, attrs) {
      ran.push(op.name);
      return reference.run(op, ins, outs, attrs);
    },
  };
  return { device, ran };
}
