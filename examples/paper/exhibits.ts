/** One experiment of a table, as options of `npm start`, and what the paper prints for it. */
export interface Part {
  readonly title: string;
  readonly options: readonly string[];
  /** By the name of a method, as the paper prints it. */
  readonly paper: Readonly<Record<string, string>>;
}

/** A table or a figure of the paper, or one that it lacks. */
export interface Exhibit {
  readonly name: string;
  readonly title: string;
  readonly methods: readonly string[];
  /** Whether it shows each test item too. */
  readonly items?: true;
  readonly parts: readonly Part[];
}

const BASELINES = ['mean', 'simulation', 'linear'];
const NETWORKS = ['no-pretraining', 'mix', 'transfer', 'source-sparsity', 'target-sparsity', 'hand-tune', 'bi-rpt'];

/** The rows that the paper prints for its three networks. */
const printed = (none: string, transfer: string, biRpt: string): Part['paper'] => ({
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

const few10 = strength('few-shot-10', '10 % to train on', printed('.114±.007', '.101±.001', '.092±.011'));

/** What `npm run paper` can make. */
export const EXHIBITS: readonly Exhibit[] = [
  {
    name: 'table-2',
    title: 'Yield strengths from few measurements and by 10 folds, as quantity and as class',
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
    name: 'grouped',
    title: 'Not in the paper: 10 folds that keep the temperatures of a composition together',
    methods: [...BASELINES, ...NETWORKS],
    parts: [strength('grouped-folds', '10 grouped folds', {}), classes('grouped-folds', '10 grouped folds', {})],
  },
  {
    name: 'ablations',
    title: 'Which ingredient of Bi-RPT does what: fixed masks, first order, metric, order, lower steps, and a control',
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
    name: 'table-4',
    title: 'Three alloys that no network was trained on, with the spread of ensembles of five',
    methods: ['simulation', 'transfer-x5', 'bi-rpt-x5'],
    items: true,
    parts: [
      {
        title: 'All temperatures of three alloys, MSE in GPa²',
        options: ['--task', 'strength', '--protocol', 'three-alloys', '--splits', '1'],
        paper: {},
      },
    ],
  },
  {
    name: 'ensembles',
    title: 'Ensembles of five, whose spread is an interval: predicted against measured, and calibration',
    methods: ['linear', 'transfer', 'transfer-x5', 'bi-rpt', 'bi-rpt-x5'],
    parts: [{ ...few10, paper: {} }],
  },
];
