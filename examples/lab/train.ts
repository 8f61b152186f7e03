import { copyTo, cpu, type Backend } from 'bigrad';
import { scoped } from './device.js';
import type { Tick } from './records.js';
import { trainingStep } from './training-step.js';

/** A training: epochs of steps that turn a state and a batch into the next state. */
export interface Training<S, B, R extends readonly unknown[]> {
  readonly device: Backend;
  /** In main memory; it stays as it is. */
  readonly begin: S;
  readonly step: (state: S, batch: B, ...rates: R) => S;
  readonly epochs: number;
  readonly perEpoch: number;
  /** The batches after so many. */
  readonly batches: (skip: number) => () => B;
  /** What changes from epoch to epoch. */
  readonly rates: (epoch: number) => R;
  readonly tick: Tick;
  /** The first epoch to train; those before are in `begin`. */
  readonly from?: number;
  /** Called before the first epoch, and after each with its number from 1. */
  readonly after?: (epoch: number, state: () => Promise<S>) => Promise<void>;
}

/** The one training loop: the state after all epochs, in main memory. */
export const train = <S, B, R extends readonly unknown[]>(training: Training<S, B, R>): Promise<S> =>
  scoped(training.device, async () => {
    const { device, begin, epochs, perEpoch, from = 0, tick, after } = training;
    const step = trainingStep<S, B, [...R]>(device, training.step);
    let state = await copyTo(begin, device);
    const now = (): Promise<S> => copyTo(state, cpu);
    const next = training.batches(from * perEpoch);
    if (from === 0) await after?.(0, now);
    for (let epoch = from; epoch < epochs; epoch++) {
      for (let i = 0; i < perEpoch; i++) {
        state = await step(state, next(), ...training.rates(epoch));
        await tick();
      }
      await after?.(epoch + 1, now);
    }
    return now();
  });
