"""Times NumPy's linear algebra on one thread, on the matrices of bench/linalg.ts: the fastest run of each, in milliseconds.

    python3 bench/peers/linalg.py
"""

import os

for name in ('OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[name] = '1'
import numpy as np

from fastest import report

try:
    from scipy.linalg import solve_triangular
except ImportError:
    solve_triangular = None


def cases(n):
    """Functions of a positive definite matrix, of right sides, and of the factor of the matrix."""
    chance = np.random.default_rng(1)
    x = chance.standard_normal((n, n))
    a = x @ x.T + n * np.eye(n)
    b, c = chance.standard_normal((n, 1)), chance.standard_normal((n, n))
    factor = np.linalg.cholesky(a)
    runs = {
        'matmul': lambda: a @ c,
        'cholesky': lambda: np.linalg.cholesky(a),
        'solve, one right side,': lambda: np.linalg.solve(a, b),
        f'solve, {n} right sides,': lambda: np.linalg.solve(a, c),
        'inverse': lambda: np.linalg.inv(a),
        'determinant': lambda: np.linalg.slogdet(a),
        'qr': lambda: np.linalg.qr(a),
    }
    if solve_triangular:
        runs['triangularSolve, one right side,'] = lambda: solve_triangular(factor, b, lower=True)
        runs[f'triangularSolve, {n} right sides,'] = lambda: solve_triangular(factor, c, lower=True)
    if n == 256:
        runs['eigh'] = lambda: np.linalg.eigh(a)
        runs['svd'] = lambda: np.linalg.svd(a, full_matrices=False)
    return {f'{name} {n}x{n}': run for name, run in runs.items()}


report({name: run for n in (64, 256, 512) for name, run in cases(n).items()}, f'NumPy {np.__version__}')
