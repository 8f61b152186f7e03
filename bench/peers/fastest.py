"""The fastest run of functions, in milliseconds."""

import time


def report(cases, version):
    """Runs each case for 2 s, and prints its fastest run."""
    for name, run in cases.items():
        times = []
        end = time.perf_counter() + 2
        while time.perf_counter() < end:
            begin = time.perf_counter()
            run()
            times.append(time.perf_counter() - begin)
        print(f'{name}: {1000 * min(times):.3g} ms, {version}')
