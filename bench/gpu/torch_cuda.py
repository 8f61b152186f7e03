"""Times PyTorch on a CUDA device on the jobs of `npm run bench:gpu -- --large`, in float32 without TF32.

    python3 bench/gpu/torch_cuda.py

Prints the milliseconds of a run among many that are dispatched at once, the least of five batches.
"""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))

import torch
import torch.nn.functional as F
import torch_step

torch.set_default_device("cuda")
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False


def each(run, count=32):
    """Milliseconds of a run."""
    run()
    times = []
    for _ in range(5):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(count):
            run()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - begin) / count)
    return 1e3 * min(times)


def products():
    for n in (256, 512, 1024, 2048, 4096):
        a, b = torch.randn(n, n), torch.randn(n, n)
        yield f"matmul {n}x{n}x{n}", lambda: a @ b
    x, w, g = torch.randn(32, 64, 32, 32), torch.randn(64, 64, 3, 3), torch.randn(32, 64, 32, 32)
    yield "conv forward [32,64,32,32] -> 64", lambda: F.conv2d(x, w, padding=1)
    yield "conv input gradient [32,64,32,32] -> 64", lambda: torch.nn.grad.conv2d_input(x.shape, w, g, padding=1)
    yield "conv weight gradient [32,64,32,32] -> 64", lambda: torch.nn.grad.conv2d_weight(x, w.shape, g, padding=1)


def others():
    x, scale, shift = torch.randn(32, 64, 32, 32), torch.ones(64), torch.zeros(64)
    yield "batch norm [32,64,32,32]", lambda: F.batch_norm(x, None, None, scale, shift, True)
    a, b = torch.randn(2**24), torch.randn(2**24)
    yield f"add [{2**24}]", lambda: a + b
    yield f"exp [{2**24}]", lambda: torch.exp(a)
    yield f"sum [{2**24}]", lambda: a.sum()
    jobs = torch_step.Jobs(torch_step.draw_inputs())
    for n in (16, 256, 1024):
        yield f"training step, batch {n}", jobs.step(n)


print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}")
for cases in (products, others):
    for name, run in cases():
        print(f"{name}: {each(run):.4g} ms")
