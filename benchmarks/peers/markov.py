"""Markov chains: retrieval of seen chains by their bigrams, for all prefixes, and inference from bigram counts."""
import functools

import torch

import peer


def retrieval(tokens, tasks, sequences):
    """tokens (S,T), tasks (D,K,K) -> (S,T,K). Log likelihoods of all prefixes are running sums of gathered log probabilities; softmax
    weighs the chains, and the positions that follow the same token share one product with that token's rows."""
    (S, T), (D, K, _) = tokens.shape, tasks.shape
    logs = tasks.log().reshape(D, K * K).T.contiguous()  # (K*K, D)
    by_row = tasks.transpose(0, 1).contiguous()  # (K, D, K)
    out = torch.full((S, T, K), 1 / K)
    for s in range(0, S, sequences):
        t = tokens[s:s + sequences]
        n = len(t)
        weight = torch.zeros(n, T, D)
        torch.cumsum(logs[(t[:, :-2] * K + t[:, 1:-1]).reshape(-1)].view(n, T - 2, D), 1, out=weight[:, 2:])
        weight = torch.softmax(weight[:, 1:], -1).view(-1, D)
        before = t[:, :-1].reshape(-1)
        flat = torch.empty(n * (T - 1), K)
        for k in range(K):
            at = (before == k).nonzero()[:, 0]
            flat[at] = weight[at] @ by_row[k]
        out[s:s + n, 1:] = flat.view(n, T - 1, K)
    return out


def retrieval_by_matrix(tokens, tasks, sequences):
    """The same with log likelihoods as a product: transition counts before each position times log probabilities."""
    (S, T), (D, K, _) = tokens.shape, tasks.shape
    logs = tasks.log().reshape(D, K * K).T.contiguous()
    by_row = tasks.transpose(0, 1).contiguous()
    out = torch.full((S, T, K), 1 / K)
    for s in range(0, S, sequences):
        t = tokens[s:s + sequences]
        n = len(t)
        counts = torch.zeros(n, T - 1, K * K)
        counts[:, 1:].scatter_(2, (t[:, :-2] * K + t[:, 1:-1])[:, :, None], 1.0)
        weight = torch.softmax(counts.cumsum_(1).view(-1, K * K) @ logs, -1)
        before = t[:, :-1].reshape(-1)
        flat = torch.empty(n * (T - 1), K)
        for k in range(K):
            at = (before == k).nonzero()[:, 0]
            flat[at] = weight[at] @ by_row[k]
        out[s:s + n, 1:] = flat.view(n, T - 1, K)
    return out


def inference(tokens, K, sequences):
    """tokens (S,T) -> (S,T,K): (1 + count of the pair)/(K + count of the first) before each position."""
    S, T = tokens.shape
    out = torch.full((S, T, K), 1 / K)
    for s in range(0, S, sequences):
        t = tokens[s:s + sequences]
        n = len(t)
        counts = torch.zeros(n, T - 1, K * K)
        counts[:, 1:].scatter_(2, (t[:, :-2] * K + t[:, 1:-1])[:, :, None], 1.0)
        counts = counts.cumsum_(1).view(n, T - 1, K, K)
        rows = counts.gather(2, t[:, :-1, None, None].expand(-1, -1, 1, K))[:, :, 0] + 1
        out[s:s + n, 1:] = rows / rows.sum(-1, keepdim=True)
    return out


def prepare_retrieval(case):
    tokens, tasks = peer.read(case, "tokens", torch.int64), peer.read(case, "tasks", torch.float32)
    return len(tokens), {f"{name}, {n} sequences": functools.partial(form, tokens, tasks, n)
                         for name, form in (("running sums", retrieval), ("counts", retrieval_by_matrix)) for n in (1, 2, 4, 8)}


def prepare_inference(case):
    tokens, tasks = peer.read(case, "tokens", torch.int64), peer.read(case, "tasks", torch.float32)
    return len(tokens), {f"{n} sequences": functools.partial(inference, tokens, tasks.shape[-1], n) for n in (1, 4, 16)}


if __name__ == "__main__":
    peer.run({"markov-K10-T512": prepare_retrieval, "markov-inference-K10-T512": prepare_inference})
