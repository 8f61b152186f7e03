"""Random axes, as they may be given."""


def some_axes(d, rank):
    """Some axes, some of them counted from the end; or one axis as a number."""
    axes = [i - rank if d.of(30) else i for i in d.some(list(range(rank)))]
    return axes[0] if len(axes) == 1 and d.of(50) else axes


def axis_of(d, rank):
    return d.below(rank) - (rank if d.of(30) else 0)
