"""Trains small models in PyTorch, records them, and is short enough to be changed into your own: one GRU for each number of seen urns.

    python3 from_pytorch.py FOLDER [--tasks 4 16 64] [--seeds 1] [--steps 1500]

Needs PyTorch and NumPy. A run takes some ten seconds on one core. What belongs to the recording is marked (1) to (4).
"""
import argparse

import torch
from torch import nn

from record import Recorder

CATEGORIES, CONTEXT, SEQUENCES, BATCH, WIDTH = 4, 16, 48, 64, 32


class Model(nn.Module):
    """Logits (S, T, K) of token t from the tokens before it: the input is shifted by one, with a token of its own to begin with."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(CATEGORIES + 1, WIDTH)
        self.body, self.read = nn.GRU(WIDTH, WIDTH, batch_first=True), nn.Linear(WIDTH, CATEGORIES)

    def forward(self, tokens):
        begin = torch.full_like(tokens[:, :1], CATEGORIES)
        return self.read(self.body(self.embed(torch.cat([begin, tokens[:, :-1]], 1)))[0])


def fresh_urns(n):
    return torch.distributions.Dirichlet(torch.ones(CATEGORIES)).sample((n,))


def draw(urns):
    """A sequence from each of the urns (S, K)."""
    return torch.multinomial(urns, CONTEXT, replacement=True)


def train(folder, tasks, seed, steps):
    torch.manual_seed(1000 * tasks + seed)
    # (1) The D tasks that are seen in training, and sequences that every checkpoint predicts: of seen tasks, and of fresh ones.
    urns = fresh_urns(tasks)
    seen, fresh = draw(urns[torch.arange(SEQUENCES) % tasks]), draw(fresh_urns(SEQUENCES))
    # (2) Checkpoints, closely at first: with evenly spaced square roots.
    checkpoints = {round(steps * (i / 12) ** 2) for i in range(1, 13)}
    net = Model()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    # (3) The family with its parameters, from the manual's table, and its arrays, from data/README.md.
    with Recorder(folder, "urns in PyTorch", "balls_and_urns", {"categories": CATEGORIES, "concentration": 1}, seed=seed,
                  model={"architecture": "GRU", "parameters": sum(p.numel() for p in net.parameters())},
                  tasks=urns, tokens_id=seen, tokens_ood=fresh) as recorder:
        for step in range(1, steps + 1):
            batch = draw(urns[torch.randint(tasks, (BATCH,))])
            loss = nn.functional.cross_entropy(net(batch).flatten(0, 1), batch.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step in checkpoints:  # (4) what the model predicts after this step
                with torch.no_grad():
                    recorder.checkpoint(step, train_loss=loss.item(), log_predictions_id=net(seen), log_predictions_ood=net(fresh))
    print(f"D = {tasks}, seed {seed}: {steps} steps, loss {loss.item():.4f} nats", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--tasks", type=int, nargs="+", default=[4, 16, 64], metavar="D", help="numbers of seen urns")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], metavar="SEED", help="of a run each, for every number of urns")
    parser.add_argument("--steps", type=int, default=1500, metavar="N", help="of training")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for tasks in options.tasks:
        for seed in options.seeds:
            train(options.folder, tasks, seed, options.steps)
