"""Trains 784-500-10 on noise for as many steps as asked, then says how much memory it took."""
import json
import resource
import sys

import torch

torch.set_num_threads(1)
model = torch.nn.Sequential(torch.nn.Linear(784, 500), torch.nn.ReLU(), torch.nn.Linear(500, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
labels = torch.randint(0, 10, (100,))
for _ in range(int(sys.argv[1])):
    optimizer.zero_grad(set_to_none=True)
    loss = torch.nn.functional.cross_entropy(model(torch.rand(100, 784)), labels)
    loss.backward()
    optimizer.step()
    loss.item()
print(json.dumps({"peakKiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
