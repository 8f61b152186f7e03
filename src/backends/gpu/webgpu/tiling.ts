/** How a product is divided among workgroups and threads. */
export interface Tiling {
  /** Threads of a workgroup in each direction of its tile. */
  readonly down: number;
  readonly across: number;
  /** Rows and columns of the sums that a thread holds: 1, 2, 4 or 8. */
  readonly high: number;
  readonly wide: number;
  /** Terms that are in workgroup memory at a time. */
  readonly step: number;
  /** Of one slice of the sums; how many slices there are, and of how many terms. */
  readonly tiles: number;
  readonly slices: number;
  readonly part: number;
}

/** Rows and columns of a tile. */
export const tileOf = ({
  down,
  across,
  high,
  wide,
}: Pick<Tiling, 'down' | 'across' | 'high' | 'wide'>): readonly [tall: number, broad: number] => [
  down * high,
  across * wide,
];
