"""Memorizing in balls and urns: counts times log probabilities, softmax, times probabilities, in blocks of rows that stay in the cache."""
import functools

import torch

import peer


def memorizing(tokens, tasks, rows, normalise):
    """tokens (S,T), tasks (D,K) -> (S,T,K): distribution of each token from those before it. Weights are normalised first, by softmax, or last."""
    (S, T), (D, K) = tokens.shape, tasks.shape
    counts = torch.zeros(S, T, K)
    counts[:, 1:].scatter_(2, tokens[:, :-1, None], 1.0)
    counts = counts.cumsum_(1).view(S * T, K)
    logs = tasks.log().T.contiguous()
    values = tasks if normalise == "first" else torch.cat([tasks, torch.ones(D, 1)], 1)
    scores, weights, out = torch.empty(rows, D), torch.empty(rows, D), torch.empty(S * T, values.shape[1])
    for i in range(0, S * T, rows):
        n = min(rows, S * T - i)
        torch.mm(counts[i:i + n], logs, out=scores[:n])
        if normalise == "first":
            torch.softmax(scores[:n], 1, out=weights[:n])
            torch.mm(weights[:n], values, out=out[i:i + n])
        else:
            torch.mm(scores[:n].sub_(scores[:n].amax(1, keepdim=True)).exp_(), values, out=out[i:i + n])
    return (out if normalise == "first" else out[:, :K] / out[:, K:]).view(S, T, K)


def prepare(case):
    tokens, tasks = peer.read(case, "tokens", torch.int64), peer.read(case, "tasks", torch.float32)
    return len(tokens), {f"{rows} rows, normalised {normalise}": functools.partial(memorizing, tokens, tasks, rows, normalise)
                         for rows in (8, 16, 24, 32) for normalise in ("first", "last")}


if __name__ == "__main__":
    peer.run({"urns-K8-T128": prepare, "urns-K16-T320": prepare})
