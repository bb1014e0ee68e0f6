"""Trains small Transformers on mixtures of Markov chains and records them for `analyze`: one run for each number of seen chains.

    python3 train_markov.py FOLDER [--tasks 4 16 64] [--steps 12000] [--seed 1]

Needs PyTorch and NumPy. A run takes some minutes on one core; runs of several task counts can be made at the same time into one folder.
"""
import argparse
import math

import numpy as np
import torch
from torch import nn

from record import Recorder

CATEGORIES, CONTEXT, SEQUENCES, CHECKPOINTS, BATCH, WIDTH, LAYERS, RATE, WARMUP = 5, 48, 12, 12, 64, 64, 2, 1e-3, 500


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before_attention, self.before_mlp = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.to_qkv, self.merge = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))
        # Relative positions: a learned bias for each distance back, by which a head can look at the token before.
        self.distance = nn.Parameter(torch.zeros(CONTEXT))
        back = torch.arange(CONTEXT)[:, None] - torch.arange(CONTEXT)[None, :]
        self.register_buffer("back", back.clamp(min=0))
        self.register_buffer("future", back < 0)

    def forward(self, x):
        q, k, v = self.to_qkv(self.before_attention(x)).chunk(3, -1)
        t = x.shape[1]
        scores = q @ k.transpose(-1, -2) / math.sqrt(WIDTH) + self.distance[self.back[:t, :t]]
        x = x + self.merge(scores.masked_fill(self.future[:t, :t], -math.inf).softmax(-1) @ v)
        return x + self.mlp(self.before_mlp(x))


class Transformer(nn.Module):
    """Position t predicts token t from those before it: the input is shifted by one, with a token of its own to begin with."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(CATEGORIES + 1, WIDTH)
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm, self.read = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, CATEGORIES)

    def forward(self, tokens):
        begin = torch.full_like(tokens[:, :1], CATEGORIES)
        return self.read(self.norm(self.blocks(self.embed(torch.cat([begin, tokens[:, :-1]], 1)))))


def draw(chains, rng):
    """A sequence from each of the chains (S, K, K); the first token is uniform."""
    tokens = np.empty((len(chains), CONTEXT), np.int64)
    tokens[:, 0] = rng.integers(CATEGORIES, size=len(chains))
    upto = np.cumsum(chains, -1)
    for t in range(1, CONTEXT):
        u = rng.random(len(chains))[:, None]
        tokens[:, t] = (u > upto[np.arange(len(chains)), tokens[:, t - 1]][:, :-1]).sum(1)
    return tokens


def train(folder, tasks, steps, seed):
    rng = np.random.default_rng([seed, tasks])
    torch.manual_seed(seed)
    fresh = lambda n: rng.dirichlet(np.ones(CATEGORIES), (n, CATEGORIES))
    chains = fresh(tasks)
    tokens = {"id": draw(chains[np.arange(SEQUENCES) % tasks], rng), "ood": draw(fresh(SEQUENCES), rng)}
    checkpoints = {round(steps * (i / CHECKPOINTS) ** 2) for i in range(1, CHECKPOINTS + 1)}
    model = {"architecture": f"decoder-only Transformer, {LAYERS} layers, width {WIDTH}, one head, a learned bias for each distance",
             "batch": BATCH, "optimizer": "AdamW, no weight decay, gradients clipped to norm 1", "learning_rate": RATE, "warmup_steps": WARMUP,
             "schedule": "linear warmup, then constant", "sampling": "chains drawn uniformly", "precision": "float32"}
    recorder = Recorder(folder, "Markov chains, 5 tokens, context 48", "markov_chain",
                        {"categories": CATEGORIES, "order": 1, "concentration": 1.0, "context": CONTEXT}, seed, model,
                        tasks=chains.astype(np.float32), **{f"tokens_{split}": shown.astype(np.int32) for split, shown in tokens.items()})
    net = Transformer()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0)
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, step / WARMUP)
        batch = torch.from_numpy(draw(chains[rng.integers(tasks, size=BATCH)], rng))
        loss = nn.functional.cross_entropy(net(batch).flatten(0, 1), batch.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step in checkpoints:
            print(f"D = {tasks}: step {step} of {steps}, loss {loss.item():.4f} nats", flush=True)
            with torch.no_grad():
                recorder.checkpoint(step, train_loss=loss.item(), **{f"predictions_{split}": net(torch.from_numpy(shown)).softmax(-1)
                                                                     for split, shown in tokens.items()})
    recorder.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--tasks", type=int, nargs="+", default=[4, 16, 64, 256, 1024, 4096])
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for tasks in options.tasks:
        train(options.folder, tasks, options.steps, options.seed)
