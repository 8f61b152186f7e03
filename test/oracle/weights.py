"""Makes the files of weights/: networks and dtypes that PyTorch saved, as safetensors.

    python3 test/oracle/weights.py                     # writes the files
    python3 test/oracle/weights.py --check FILE        # compares a file that toStateDict made with weights/sequential

Debian 12's python3-torch 1.13 made the files. Debian has no package of safetensors, so the container is written and read here.
Each file of a network has metadata with its inputs and outputs, as JSON.
"""

import json
import struct
import sys
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).parent / 'weights'
DTYPES = {
    'F64': torch.float64, 'F32': torch.float32, 'F16': torch.float16, 'BF16': torch.bfloat16, 'I64': torch.int64,
    'I32': torch.int32, 'I16': torch.int16, 'I8': torch.int8, 'U8': torch.uint8, 'BOOL': torch.bool,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def elements(x):
    """The bytes of a tensor, little-endian; NumPy has no bfloat16."""
    x = x.detach().contiguous()
    return (x.view(torch.int16) if x.dtype == torch.bfloat16 else x).numpy().tobytes()


def write(path, tensors, metadata):
    header, data = {'__metadata__': metadata}, b''
    for name, x in tensors.items():
        part = elements(x)
        header[name] = {'dtype': NAMES[x.dtype], 'shape': list(x.shape), 'data_offsets': [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    path.write_bytes(struct.pack('<Q', len(text)) + text + data)


def read(path):
    file = Path(path).read_bytes()
    (length,) = struct.unpack('<Q', file[:8])
    header = json.loads(file[8 : 8 + length])
    header.pop('__metadata__', None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + at for at in entry['data_offsets'])
        tensors[name] = torch.frombuffer(bytearray(file[begin:end]), dtype=DTYPES[entry['dtype']]).reshape(entry['shape'])
    return tensors


def sequential():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=2, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(8, 3)
    )


class Named(nn.Module):
    """The same parts under names, without a bias where the batch norm has one, inside another module."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.backbone = nn.ModuleDict({'conv1': nn.Conv2d(1, 4, 2, groups=1, bias=False), 'bn1': nn.BatchNorm2d(4)})
        self.fc = nn.Linear(36, 2, bias=False)

    def forward(self, x):
        return self.fc(torch.relu(self.backbone['bn1'](self.backbone['conv1'](x))).flatten(1))


def trained(network):
    """The network after some steps, so that every parameter and statistic has moved."""
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        network(torch.randn(8, 1, 4, 4)).square().sum().backward()
        optimizer.step()
    return network.eval()


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, network in {'sequential': sequential(), 'named': Named()}.items():
        network = trained(network)
        x = torch.randn(2, 1, 4, 4)
        metadata = {'x': json.dumps(x.flatten().tolist()), 'y': json.dumps(network(x).tolist())}
        write(FOLDER / f'{name}.safetensors', network.state_dict(), metadata)

    numbers = torch.tensor([0, 1, -2, 3.140625, 96, -120], dtype=torch.float64)
    large = {'I64': [2**31 - 1, -(2**31)], 'I32': [2**31 - 1, -(2**31)], 'I16': [32767, -32768], 'I8': [127, -128], 'U8': [255, 200]}
    tensors = {}
    for name, dtype in DTYPES.items():
        values = numbers.abs() if name in ('U8', 'BOOL') else numbers
        tensors[name] = torch.cat([values.to(dtype), torch.tensor(large.get(name, [0, 1]), dtype=torch.float64).to(dtype)]).reshape(2, 4)
    expected = {name: x.to(torch.float64).flatten().tolist() for name, x in tensors.items()}
    write(FOLDER / 'dtypes.safetensors', tensors, {'expected': json.dumps(expected)})
    write(FOLDER / 'beyond.safetensors', {'fits': torch.tensor([1]), 'steps': torch.tensor([0, 2**31])}, {})


def check(path):
    network = sequential()
    network.load_state_dict(read(path))
    saved = read(FOLDER / 'sequential.safetensors')
    for name, x in network.state_dict().items():
        assert name.endswith('num_batches_tracked') or torch.equal(x, saved[name]), name
    print(f'PyTorch loads {len(saved)} tensors, equal bit for bit but for the counter')


check(sys.argv[2]) if sys.argv[1:2] == ['--check'] else main()
