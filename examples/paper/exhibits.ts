/** One experiment of a table, as options of `npm start`, and what the paper prints for it. */
export interface Part {
  readonly title: string;
  readonly options: readonly string[];
  /** By the name of a method, as the paper prints it. */
  readonly paper: Readonly<Record<string, string>>;
}

/**
 * What an exhibit shows of its results: the errors of methods; also what they predict of each test
 * item, or whether their intervals hold it; or how dense masks are, layer by layer. The image shows
 * how a network is given an alloy, and needs no results.
 */
export type Show = 'errors' | 'items' | 'intervals' | 'densities' | 'image';

/** A table or a figure of the paper, or one that it lacks. */
export interface Exhibit {
  readonly name: string;
  readonly title: string;
  readonly shows: Show;
  readonly methods: readonly string[];
  readonly parts: readonly Part[];
  /** The exhibit whose results it shows, where they are not its own. */
  readonly of?: string;
}

const BASELINES = ['mean', 'simulation', 'linear'];
const NETWORKS = ['no-pretraining', 'mix', 'transfer', 'source-sparsity', 'target-sparsity', 'hand-tune', 'bi-rpt'];
const IMAGES = [...NETWORKS.slice(0, -1), 'bi-rpt-paper', 'bi-rpt-normalised'];

const UNKNOWN = 'not known here';
const unknown = (names: readonly string[]): Part['paper'] => Object.fromEntries(names.map((name) => [name, UNKNOWN]));

/** The rows that the paper prints, of which the numbers of three networks are known here. */
const printed = (none: string, transfer: string, biRpt: string): Part['paper'] => ({
  ...unknown(NETWORKS),
  'no-pretraining': none,
  transfer,
  'bi-rpt': biRpt,
});

const strength = (protocol: string, title: string, paper: Part['paper']): Part => ({
  title: `${title}, MSE in GPa²`,
  options: ['--task', 'strength', '--protocol', protocol],
  paper,
});
const classes = (protocol: string, title: string, paper: Part['paper']): Part => ({
  title: `${title}, accuracy in %`,
  options: ['--task', 'class', '--protocol', protocol],
  paper,
});
const digits = (testbed: string, shots: number, paper: Part['paper']): Part => ({
  title: `${testbed}, ${shots} images of each class to train on, accuracy in %`,
  options: ['--testbed', testbed, '--protocol', `shots-${shots}`],
  paper,
});
const DIGITS = ['digits', 'digits-corrupted'];

const few10 = strength('few-shot-10', '10 % to train on', printed('.114±.007', '.101±.001', '.092±.011'));
const threeAlloys: Part = {
  title: 'All temperatures of three alloys, MSE in GPa²',
  options: ['--task', 'strength', '--protocol', 'three-alloys', '--splits', '1'],
  paper: {},
};
const ensembles = ['simulation', 'transfer-x5', 'bi-rpt-x5'];
const FIXED = ['bi-rpt-fixed-both', 'bi-rpt-fixed-ms', 'bi-rpt-fixed-mt'];
const PRUNING = ['hand-tune', 'bi-rpt', 'bi-rpt-normalised'];

/** A setting of Bi-RPT at each of some values, all others as they are. */
const sweep = (setting: string, values: readonly number[]): Part[] =>
  values.map((value) => {
    const { title, options } = strength('few-shot-10', `10 % to train on, ${setting} = ${value}`, {});
    return { title, options: [...options, '--set', `bi-rpt.${setting}=${value}`], paper: {} };
  });

/** What `npm run paper` can make. */
export const EXHIBITS: readonly Exhibit[] = [
  {
    name: 'table-1',
    title: 'The image testbed, here with MNIST digits and a small network instead of photographs and ResNet-18',
    shows: 'errors',
    methods: IMAGES,
    parts: DIGITS.map((testbed) => digits(testbed, 10, unknown(IMAGES.slice(0, -1)))),
  },
  {
    name: 'table-2',
    title: 'Yield strengths from few measurements and by 10 folds, as quantity and as class',
    shows: 'errors',
    methods: [...BASELINES, ...NETWORKS],
    parts: [
      few10,
      strength('few-shot-5', '5 % to train on', printed('.212±.041', '.162±.002', '.130±.006')),
      strength('folds', '10 folds', printed('.226±.027', '.206±.026', '.068±.009')),
      classes('few-shot-10', '10 % to train on', printed('54.84', '65.85', '66.83')),
      classes('few-shot-5', '5 % to train on', printed('47.25', '62.84', '64.37')),
      classes('folds', '10 folds', printed('67.50', '82.09', '82.50')),
    ],
  },
  {
    name: 'table-3',
    title: 'Bi-RPT with ms, mt or both masks fixed at one. Whether this is table 3 of the paper is not known here',
    shows: 'errors',
    methods: ['transfer', ...FIXED, 'bi-rpt'],
    parts: [
      { ...few10, paper: { ...unknown(FIXED), transfer: '.101±.001', 'bi-rpt': '.092±.011' } },
      classes('few-shot-10', '10 % to train on', { ...unknown(FIXED), transfer: '65.85', 'bi-rpt': '66.83' }),
    ],
  },
  {
    name: 'table-4',
    title: 'Three alloys that no network was trained on, with the spread of ensembles of five',
    shows: 'items',
    methods: ensembles,
    parts: [threeAlloys],
  },
  {
    name: 'tables-a5-a11',
    title:
      'The image testbed with 5, 10 and 20 images of each class, here with MNIST digits. Which of the tables A5 to A11 has which setting is not known here',
    shows: 'errors',
    methods: IMAGES,
    parts: DIGITS.flatMap((testbed) =>
      [5, 10, 20].map((shots) => digits(testbed, shots, unknown(IMAGES.slice(0, -1)))),
    ),
  },
  {
    name: 'table-a12',
    title: 'The same predictions as table-4: their 95 % intervals, and whether these hold what was measured',
    shows: 'intervals',
    of: 'table-4',
    methods: ensembles,
    parts: [threeAlloys],
  },
  {
    name: 'figure-2',
    title:
      'Density of both masks, layer by layer: strengths of alloys. What figure 2 of the paper shows is not known here',
    shows: 'densities',
    methods: PRUNING,
    parts: [{ ...few10, paper: {} }],
  },
  {
    name: 'figure-3',
    title:
      'Density of both masks, layer by layer: classes of alloys. What figure 3 of the paper shows is not known here',
    shows: 'densities',
    methods: PRUNING,
    parts: [classes('few-shot-10', '10 % to train on', {})],
  },
  {
    name: 'figure-a4',
    title: 'Density of both masks, layer by layer, here on MNIST digits instead of photographs',
    shows: 'densities',
    methods: ['hand-tune', 'bi-rpt-paper', 'bi-rpt-normalised', 'bi-rpt-lars'],
    parts: DIGITS.map((testbed) => digits(testbed, 10, {})),
  },
  {
    name: 'figure-a5',
    title: 'The pseudo-image of an alloy, in both layouts',
    shows: 'image',
    methods: [],
    parts: [],
  },
  {
    name: 'grouped',
    title: 'Not in the paper: 10 folds that keep the temperatures of a composition together',
    shows: 'errors',
    methods: [...BASELINES, ...NETWORKS],
    parts: [strength('grouped-folds', '10 grouped folds', {}), classes('grouped-folds', '10 grouped folds', {})],
  },
  {
    name: 'ablations',
    title: 'Which ingredient of Bi-RPT does what: fixed masks, first order, metric, order, lower steps, and a control',
    shows: 'errors',
    methods: [
      'transfer',
      'continued',
      'bi-rpt',
      'bi-rpt-paper',
      'bi-rpt-released',
      'bi-rpt-normalised',
      'bi-rpt-fixed-ms',
      'bi-rpt-fixed-mt',
      'bi-rpt-fixed-both',
      'bi-rpt-first-order',
      'bi-rpt-euclidean',
      'bi-rpt-gauss-seidel',
      'bi-rpt-p4',
    ],
    parts: [{ ...few10, paper: {} }],
  },
  {
    name: 'sweeps',
    title: 'Bi-RPT with other thresholds (gamma), mask rates and numbers of lower steps, one at a time',
    shows: 'errors',
    methods: ['bi-rpt'],
    parts: [
      ...sweep('gamma', [1e-6, 1e-5, 1e-4, 1e-3]),
      ...sweep('maskRate', [0.35, 35]),
      ...sweep('lowerSteps', [2, 4, 8]),
    ],
  },
  {
    name: 'ensembles',
    title: 'Ensembles of five, whose spread is an interval: predicted against measured, and calibration',
    shows: 'errors',
    methods: ['linear', 'transfer', 'transfer-x5', 'bi-rpt', 'bi-rpt-x5'],
    parts: [{ ...few10, paper: {} }],
  },
];
