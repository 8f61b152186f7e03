"""The jobs of bench:peers in PyTorch on one CPU thread.

    torch_step.py <inputs.safetensors>    answers requests, a line of JSON each (see protocol.ts)
    torch_step.py --alone [seconds]       times everything on operands of its own and prints one JSON
"""

import base64
import gc
import json
import re
import sys
import time

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as error:
    sys.exit(f"torch_step.py: skipped, this Python cannot import PyTorch ({error}); Debian has it as python3-torch")

torch.set_num_threads(1)

BATCH = 16
RATE, BETAS, EPS = 1e-3, (0.9, 0.999), 1e-8
GATE = 0.1
LAYERS = [(2, 9, 18, 16), (16, 5, 10, 32), (32, 3, 6, 64)]
SAMPLE = 5e-3  # seconds that a sample takes at least
WARM_UP = 0.25  # of the time of sampling
ROW = 0.2  # seconds of a row of runs of the loop


def read_inputs(file):
    """The tensors of a safetensors file, by name."""
    with open(file, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    types = {"F32": np.float32, "I32": np.int32}
    found = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        numbers = np.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
        found[name] = torch.from_numpy(numbers.copy())
    return found


def draw_inputs():
    """Operands of the same shapes, for a run without bigrad."""
    torch.manual_seed(2020)
    found = {f"matmul{n}/{x}": torch.randn(n, n) for n in (128, 256, 512) for x in "ab"}
    for i, (c, h, w, o) in enumerate(LAYERS):
        found[f"layer{i}/x"] = torch.randn(BATCH, c, h, w)
        found[f"layer{i}/f"] = torch.randn(o, c, 3, 3)
        found[f"layer{i}/g"] = torch.randn(BATCH, o, h, w)
        found[f"conv{i}/weight"] = torch.randn(o, c, 3, 3) * (2 / (9 * o)) ** 0.5
        found[f"conv{i}/bias"], found[f"norm{i}/shift"], found[f"norm{i}/scale"] = torch.zeros(o), torch.zeros(o), torch.ones(o)
        found[f"mask{i}"] = torch.ones(o, c, 3, 3)
    found["linear/weight"], found["linear/bias"], found["head/weight"] = torch.randn(64, 1152) / 34, torch.zeros(64), torch.randn(1, 64) / 8
    found["rows/images"], found["rows/strengths"] = torch.randn(4096, 2, 9, 18), torch.randn(4096)
    found["rows/order"] = torch.randperm(4096, dtype=torch.int32)
    return found


NAMES = [f"{layer}{i}/{p}" for i in range(3) for layer, p in (("conv", "weight"), ("conv", "bias"), ("norm", "scale"), ("norm", "shift"))]
NAMES += ["linear/weight", "linear/bias", "head/weight"]


def gate(m):
    square = m * m
    return square / (square + GATE)


def loss(w, masks, x, y, running):
    """The mean squared error of the network while training; moves the batch norms' statistics on."""
    for i in range(3):
        filters = w[f"conv{i}/weight"]
        x = F.conv2d(x, filters * gate(masks[i]) if masks else filters, w[f"conv{i}/bias"], padding=1)
        x = F.batch_norm(x, *running[i], w[f"norm{i}/scale"], w[f"norm{i}/shift"], True, 0.1, 1e-5)
        x = F.relu(x)
        if i < 2:
            x = F.max_pool2d(x, 2, padding=1)
    x = F.relu(F.linear(x.flatten(1), w["linear/weight"], w["linear/bias"]))
    return F.mse_loss(F.linear(x, w["head/weight"]).reshape(-1), y)


class Jobs:
    """Each method makes a job ready and returns its run, whose results are tensors by name."""

    def __init__(self, inputs):
        self.inputs = inputs

    def weights(self):
        return {name: self.inputs[name].clone().requires_grad_() for name in NAMES}

    def masks(self):
        return [self.inputs[f"mask{i}"].clone() for i in range(3)]

    def statistics(self):
        return [(torch.zeros(c), torch.ones(c)) for c in (16, 32, 64)]

    def batch(self, n):
        return self.inputs["rows/images"][:n].clone(), self.inputs["rows/strengths"][:n].clone()

    def matmul(self, size, **_):
        a, b = self.inputs[f"matmul{size}/a"], self.inputs[f"matmul{size}/b"]
        return lambda: {"y": a @ b}

    def add(self, **_):
        one, two = torch.tensor([1.0]), torch.tensor([2.0])
        return lambda: {"y": one + two}

    def conv(self, direction, layer, **_):
        x, f, g = (self.inputs[f"layer{layer}/{name}"] for name in "xfg")
        if direction == "forward":
            return lambda: {"y": F.conv2d(x, f, padding=1)}
        if direction == "input":
            return lambda: {"y": torch.nn.grad.conv2d_input(x.shape, f, g, padding=1)}
        return lambda: {"y": torch.nn.grad.conv2d_weight(x, f.shape, g, padding=1)}

    def training(self, following, masks):
        w, running = self.weights(), self.statistics()
        optimizer = torch.optim.Adam(w.values(), lr=RATE, betas=BETAS, eps=EPS)

        def run():
            x, y = following()
            optimizer.zero_grad(set_to_none=True)
            value = loss(w, masks, x, y, running)
            value.backward()
            optimizer.step()
            return {"loss": value.detach().reshape(1)}

        return run

    def step(self, batch, **_):
        data = self.batch(batch)
        return self.training(lambda: data, self.masks())

    def loop(self, **_):
        images, strengths, order = (self.inputs[f"rows/{name}"] for name in ("images", "strengths", "order"))
        order, at = order.long(), [0]

        def following():
            if at[0] + BATCH > len(order):
                at[0] = 0
            chosen = order[at[0] : at[0] + BATCH]
            at[0] += BATCH
            return images[chosen], strengths[chosen]

        return self.training(following, [])

    def gradient(self, **_):
        w, masks, (x, y), running = self.weights(), self.masks(), self.batch(BATCH), self.statistics()

        def run():
            return dict(zip(NAMES, torch.autograd.grad(loss(w, masks, x, y, running), list(w.values()))))

        return run

    def mixed(self, **_):
        w, masks, (x, y), running = self.weights(), self.masks(), self.batch(BATCH), self.statistics()
        for m in masks:
            m.requires_grad_()
        half = [0.5 * p.detach() for p in w.values()]

        def run():
            gradient = torch.autograd.grad(loss(w, masks, x, y, running), list(w.values()), create_graph=True)
            products = torch.autograd.grad(gradient, masks, grad_outputs=half)
            return {f"mask{i}": product for i, product in enumerate(products)}

        return run

    def prepare(self, kind, **job):
        if kind == "bi-rpt":
            raise NotImplementedError("not written for this library")
        return getattr(self, kind)(**job)


def timed(run, count):
    begin = time.perf_counter()
    for _ in range(count):
        run()
    return time.perf_counter() - begin


def check(run, runs):
    outputs = []
    for _ in range(runs):
        found = {name: x.detach().contiguous().numpy().tobytes() for name, x in run().items()}
        outputs.append({name: base64.b64encode(x).decode() for name, x in found.items()})
    return {"outputs": outputs, "ms": 1e3 * timed(run, 1)}


def measure(run, seconds, took=float("inf")):
    """Samples a run that took so many seconds before. What takes longer than the warm-up needs none."""
    warm_up = WARM_UP * seconds
    end = time.perf_counter() + warm_up
    while took == float("inf") or (took < warm_up and time.perf_counter() < end):
        took = min(took, timed(run, 1))
    count = max(1, round(SAMPLE / took + 0.5))
    samples, end = [], time.perf_counter() + seconds
    while not samples or time.perf_counter() < end:
        samples.append(1e3 * timed(run, count) / count)
    return {"samples": samples}


def resident():
    """Bytes of this process in main memory; 0 where the system does not say so in Linux's way."""
    try:
        with open("/proc/self/status") as f:
            return next(1024 * int(line.split()[1]) for line in f if line.startswith("VmRSS"))
    except OSError:
        return 0


def repeat(run, times, seconds):
    done, took = 0, 0.0
    count = 1
    while done < times and took < seconds:
        row = timed(run, count)
        took, done = took + row, done + count
        count = max(1, min(times - done, round(count * ROW / row)))
    gc.collect()
    return {"times": done, "ms": 1e3 * took, "resident": resident()}


def blas():
    """The library that multiplies matrices: Debian's own is a slow one, and any other can stand in its place."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    try:
        with open("/proc/self/maps") as f:
            files = {line.split("/")[-1].strip() for line in f if "/" in line}
    except OSError:
        return "unknown"
    found = sorted(file for file in files if "blas" in file.lower() or "mkl_rt" in file)
    return ", ".join(found) or "its own"


def ready():
    found = blas()
    versions = {"PyTorch": torch.__version__, "Python": sys.version.split()[0], "BLAS": found}
    slow = re.fullmatch(r"libblas\.so[.\d]*", found)
    advice = "; slow: this BLAS is the plain one, and libopenblas0 is many times as fast" if slow else ""
    return {"versions": versions, "setting": f"{torch.get_num_threads()} thread{advice}"}


def answer(reply):
    print(json.dumps(reply), flush=True)


def serve(inputs):
    jobs, run, took = Jobs(read_inputs(inputs)), None, 0.0
    answer(ready())
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "check":
                run = jobs.prepare(**request["case"]["job"])
                found = check(run, request["case"]["checks"])
                took = found["ms"] / 1e3
                answer(found)
            elif request["do"] == "measure":
                answer(measure(run, request["seconds"], took))
            else:
                answer(repeat(run, request["times"], request["seconds"]))
        except Exception as error:  # what it cannot do is a result
            answer({"error": str(error)})


def alone(seconds):
    jobs = Jobs(draw_inputs())
    cases = {f"matmul {n}^3": {"kind": "matmul", "size": n} for n in (128, 256, 512)}
    for i in range(3):
        cases.update({f"conv {d}, layer {i}": {"kind": "conv", "direction": d, "layer": i} for d in ("forward", "input", "weight")})
    cases.update({f"training step, batch {n}": {"kind": "step", "batch": n} for n in (4, 16, 64, 256)})
    cases.update({kind: {"kind": kind} for kind in ("gradient", "mixed", "loop")})
    medians = {}
    for name, job in cases.items():
        medians[name] = float(np.median(measure(jobs.prepare(**job), seconds)["samples"]))
    print(json.dumps({**ready(), "median ms": medians}, indent=2))


if __name__ == "__main__":
    if len(sys.argv) == 2 and not sys.argv[1].startswith("-"):
        serve(sys.argv[1])
    elif sys.argv[1:2] == ["--alone"]:
        alone(float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
