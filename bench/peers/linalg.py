"""Times NumPy's linear algebra on one thread, on the matrices of bench/linalg.ts: the fastest run of each, in milliseconds.

    python3 bench/peers/linalg.py
"""

import os

for name in ('OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[name] = '1'
import numpy as np

from fastest import report

N = 256
chance = np.random.default_rng(1)
x = chance.standard_normal((N, N))
a = x @ x.T + N * np.eye(N)
b, c = chance.standard_normal((N, 1)), chance.standard_normal((N, N))
CASES = {
    'cholesky': lambda: np.linalg.cholesky(a),
    'solve, one right side,': lambda: np.linalg.solve(a, b),
    f'solve, {N} right sides,': lambda: np.linalg.solve(a, c),
    'qr': lambda: np.linalg.qr(a),
    'eigh': lambda: np.linalg.eigh(a),
    'svd': lambda: np.linalg.svd(a, full_matrices=False),
}

report({f'{name} {N}x{N}': run for name, run in CASES.items()}, f'NumPy {np.__version__}')
