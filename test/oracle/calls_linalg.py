"""Single calls of linear algebra. What depends on signs of vectors is written so that it does not."""

import torch

from drawn import Drawn, drawn

L = torch.linalg


def symmetric(a):
    return (a + a.transpose(-1, -2)) / 2


def regular(*shape):
    """Square matrices with a large diagonal."""
    *lead, n, _ = shape
    return Regular(shape, n)


class Regular(Drawn):
    def __init__(self, shape, n):
        super().__init__(shape, draw=lambda u: u / 4)
        self.n = n

    def tensor(self, chance):
        return super().tensor(chance) + torch.diag(torch.arange(1, self.n + 1, dtype=torch.float64))


LINALG = [
    ('solve', [regular(2, 3, 3), drawn(3, 2)], [], lambda a, b: torch.linalg.solve(a, b.expand(2, 3, 2))),
    ('solve', [regular(3, 3), drawn(3)], [], L.solve),
    ('triangularSolve', [regular(3, 3), drawn(3, 2)], [], lambda a, b: L.solve_triangular(a, b, upper=False)),
    ('triangularSolve', [regular(3, 3), drawn(3, 2)], [{'lower': False, 'unit': True}], lambda a, b: L.solve_triangular(a, b, upper=True, unitriangular=True)),
    ('cholesky', [regular(2, 3, 3)], [], lambda a: L.cholesky(symmetric(a))),
    ('inverse', [regular(2, 3, 3)], [], L.inv),
    ('determinant', [regular(2, 3, 3)], [], L.det),
    ('logDeterminant', [regular(2, 3, 3)], [], lambda a: [x.double() for x in L.slogdet(a)]),
    ('qr', [regular(3, 3)], [], lambda a: [*L.qr(a)]),
    ('qr', [drawn(4, 3)], [], lambda a: [*L.qr(a)]),
    ('qr', [drawn(2, 4)], [], lambda a: [*L.qr(a)]),
    ('eigh', [regular(3, 3)], 'values and squares', lambda a: (lambda w, v: [w, v * v])(*L.eigh(symmetric(a)))),
    ('svd', [drawn(4, 3)], 'squares and product', lambda a: (lambda u, s, vt: [u * u, s, u @ vt])(*L.svd(a, full_matrices=False))),
    ('svd', [drawn(2, 3)], 'squares and product', lambda a: (lambda u, s, vt: [u * u, s, u @ vt])(*L.svd(a, full_matrices=False))),
    ('norm', [drawn(2, 3)], [1], lambda x: L.vector_norm(x, 2, 1)),
    ('norm', [drawn(2, 3)], [None, {'order': 3}], lambda x: (x.abs() ** 3).sum() ** (1 / 3)),
    ('norm', [drawn(2, 3)], [0, {'order': 1}], lambda x: L.vector_norm(x, 1, 0)),
    ('outer', [drawn(2), drawn(3)], [], torch.outer),
    ('trace', [drawn(3, 3)], [], torch.trace),
    ('diagonal', [drawn(3, 4)], [1], lambda x: x.diagonal(1)),
    ('diagonal', [drawn(3, 2, 4)], [-1, [0, 2]], lambda x: x.diagonal(-1, 0, 2)),
    ('tril', [drawn(3, 4)], [1], lambda x: x.tril(1)),
    ('triu', [drawn(2, 3, 3)], [-1], lambda x: x.triu(-1)),
    *(
        ('einsum', [drawn(*shape) for shape in shapes], text, lambda *xs, text=text: torch.einsum(text, *xs))
        for text, shapes in [
            ('ij,jk->ik', [(2, 3), (3, 4)]),
            ('ij,jk', [(2, 3), (3, 4)]),
            ('bij,bjk->bik', [(2, 3, 2), (2, 2, 3)]),
            ('ij->ji', [(2, 3)]),
            ('ij->', [(2, 3)]),
            ('ii->i', [(3, 3)]),
            ('ii', [(3, 3)]),
            ('i,j->ij', [(2,), (3,)]),
            ('i,i', [(3,), (3,)]),
            ('ij,ij->ij', [(2, 3), (2, 3)]),
            ('ij,jk,kl,lm->im', [(2, 3), (3, 4), (4, 2), (2, 3)]),
            ('...ij,...jk->...ik', [(2, 1, 2, 3), (4, 3, 2)]),
            ('...i,i->...', [(2, 2, 3), (3,)]),
            ('bij,kj,bl->bkil', [(2, 3, 4), (2, 4), (2, 3)]),
            ('ijk,ilm,njm,nlk,abc->', [(2, 2, 2), (2, 2, 2), (2, 2, 2), (2, 2, 2), (2, 1, 3)]),
            ('iij,jk->ik', [(3, 3, 2), (2, 2)]),
        ]
    ),
]
