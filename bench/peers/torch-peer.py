"""PyTorch on one thread (or NEEDLE_THREADS), spoken to in lines of JSON: {"prepare": case, "args": [...]}, then {"run": repetitions}."""
import json
import os
import sys
import time


def say(message):
    print(json.dumps(message), flush=True)


try:
    import torch
except ImportError:
    say({"refused": "it is not installed"})
    sys.exit()

torch.set_num_threads(int(os.environ.get("NEEDLE_THREADS", "1")))


def blas():
    """The library that multiplies matrices, or None for one that is too slow to be compared with."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    try:
        with open("/proc/self/maps") as maps:
            loaded = maps.read()
    except OSError:
        loaded = torch.__config__.show().lower()
    return next((name for name in ("mkl_", "openblas", "accelerate") if name in loaded), None)


def matrix(rows, columns, transposed):
    return torch.rand(columns, rows).T if transposed else torch.rand(rows, columns)


def matmul(m, n, k, a_transposed, b_transposed):
    a, b = matrix(m, k, a_transposed), matrix(k, n, b_transposed)
    return lambda: a @ b


def elementwise(name, rows, columns):
    x, y = torch.randn(rows, columns), torch.randn(rows, columns)
    row, column, square = torch.randn(columns), torch.randn(rows, 1), torch.randn(columns, rows)
    size = x.abs() + 0.1
    return {
        "add": lambda: x + y,
        "exp": lambda: x.exp(),
        "tanh": lambda: x.tanh(),
        "sigmoid": lambda: x.sigmoid(),
        "relu": lambda: x.relu(),
        "log": lambda: size.log(),
        "gelu": lambda: torch.nn.functional.gelu(x),
        "pow": lambda: size.pow(y),
        "softmax axis 0": lambda: x.softmax(0),
        "softmax": lambda: x.softmax(1),
        "logsumexp axis 0": lambda: x.logsumexp(0),
        "logsumexp axis 1": lambda: x.logsumexp(1),
        "argmax axis 0": lambda: x.argmax(0),
        "argmax axis 1": lambda: x.argmax(1),
        "sum axis 0": lambda: x.sum(0),
        "sum axis 1": lambda: x.sum(1),
        "sum": lambda: x.sum(),
        "add transposed": lambda: x + square.T,
        "add row": lambda: x + row,
        "add column": lambda: x + column,
    }[name]


def noise(seed, *shape):
    """The numbers between -1 and 1 that noise() in mlp.mjs gives."""
    size = torch.Size(shape).numel()
    waves = torch.sin(torch.arange(size, dtype=torch.float64) * 12.9898 + seed)
    return (waves * 43758.5453).frac().float().reshape(shape)


class Residual(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


def block(dim, hidden):
    nn = torch.nn
    inner = [nn.Linear(dim, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, dim), nn.LayerNorm(dim)]
    return [Residual(nn.Sequential(*inner)), nn.ReLU()]


def train(name, batches):
    """A step of the models of train-models.mjs, on batches of 100."""
    nn = torch.nn
    model = {
        "softmax": lambda: nn.Sequential(nn.Linear(784, 10)),
        "MLP-ResNet": lambda: nn.Sequential(
            nn.Linear(784, 100), nn.ReLU(), *[layer for _ in range(3) for layer in block(100, 50)], nn.Linear(100, 10)
        ),
        "CNN": lambda: nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.25), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)
        ),
    }[name]()
    algorithm = "SGD" if name == "softmax" else "Adam"
    return stepping(model, algorithm, batches)


def softmax_by_hand(batches):
    """Softmax regression in NumPy, as the course's homework does it."""
    import numpy

    weight = numpy.zeros((784, 10), numpy.float32)
    images = [(noise(100 + i, 100, 784).numpy() + 1) / 2 for i in range(batches)]
    labels = numpy.eye(10, dtype=numpy.float32)[numpy.arange(100) * 7 % 10]
    steps = 0

    def step():
        nonlocal steps, weight
        x = images[steps % batches]
        powers = numpy.exp(x @ weight)
        gradient = x.T @ (powers / powers.sum(1, keepdims=True) - labels)
        weight -= 0.1 / 100 * gradient
        steps += 1

    return step


def mlp(hidden, algorithm, batches):
    model = torch.nn.Sequential(torch.nn.Linear(784, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10))
    with torch.no_grad():
        for i, (layer, bound) in enumerate([(model[0], 0.05), (model[2], 0.1)]):
            layer.weight.copy_(noise(i, layer.in_features, layer.out_features).T * bound)
            layer.bias.zero_()
    return stepping(model, algorithm, batches)


def stepping(model, algorithm, batches):
    optimizer = {
        "SGD": lambda: torch.optim.SGD(model.parameters(), lr=0.1),
        "Adam": lambda: torch.optim.Adam(model.parameters(), lr=0.001),
    }[algorithm]()
    images = [(noise(100 + i, 100, 784) + 1) / 2 for i in range(batches)]
    labels = torch.arange(100) * 7 % 10
    loss_of = torch.nn.CrossEntropyLoss()
    steps = 0

    def step():
        nonlocal steps
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(images[steps % batches]), labels)
        loss.backward()
        optimizer.step()
        steps += 1
        return loss.item()

    return step


def dispatch(name):
    x, y = torch.ones(4), torch.ones(4)
    a, b = torch.ones(4, 4), torch.ones(4, 4)
    leaf = torch.ones(4, requires_grad=True)

    def there_and_back():
        leaf.grad = None
        (leaf * y).sum().backward()

    x8, y8 = torch.ones(8), torch.ones(8)
    scalar = torch.ones((), requires_grad=True)

    def chain():
        scalar.grad = None
        z = scalar
        for _ in range(50):
            z = (z * 1.001 + 0.1).tanh()
        z.backward()

    return {
        "add [4]": lambda: x + y,
        "add [8]": lambda: x8 + y8,
        "matmul [4,4]": lambda: a @ b,
        "sum [4,4]": lambda: a.sum(),
        "tensor add": lambda: x + y,
        "tensor add, recorded": lambda: leaf + y,
        "multiply, sum, backward": there_and_back,
        "150 scalar ops, backward": chain,
    }[name]


def conv(n, c, o, size, kernel, padding, stride, groups, channels_last, trained):
    memory = torch.channels_last if channels_last else torch.contiguous_format

    def draw(*shape):
        return torch.rand(*shape).contiguous(memory_format=memory).requires_grad_(trained)

    x, weight = draw(n, c, size, size), draw(o, c // groups, kernel, kernel)

    def forward():
        return torch.nn.functional.conv2d(x, weight, None, stride, padding, 1, groups)

    if not trained:
        return forward
    seed = torch.rand_like(forward().detach(), memory_format=torch.preserve_format)
    return lambda: torch.autograd.grad(forward(), (x, weight), seed)


cases = {"matmul": matmul, "conv": conv, "elementwise": elementwise, "mlp": mlp, "train": train, "softmax by hand": softmax_by_hand, "dispatch": dispatch}
library = blas()
if library is None:
    say({"refused": "its matrix products run on a reference BLAS; install libopenblas0-pthread or another PyTorch"})
    sys.exit()
say({"version": torch.__version__, "blas": library})
for line in sys.stdin:
    message = json.loads(line)
    if "prepare" in message:
        run = cases[message["prepare"]](*message["args"])
        say({})
    else:
        start = time.perf_counter()
        for _ in range(message["run"]):
            result = run()
        say({"milliseconds": 1000 * (time.perf_counter() - start), "result": result if isinstance(result, float) else None})
