"""Classification: memorizing weighs the seen items by the query alone, copying the context's items."""
import functools

import torch

import peer

within_class_variance, classes = 0.5, 2


def memorizing(query, tasks, labels, rows):
    """query (S,d), tasks (D,d), labels (D) -> (S,L): softmax over seen items of their log density, up to what all share."""
    (S, d), D, v = query.shape, len(tasks), within_class_variance
    slope, offset = (tasks.T * ((1 + v) ** 0.5 * d / v)).contiguous(), tasks.square().sum(-1) * (-0.5 * d / v)
    one_hot = torch.nn.functional.one_hot(labels, classes).float()
    scores, weights, out = torch.empty(rows, D), torch.empty(rows, D), torch.empty(S, classes)
    for i in range(0, S, rows):
        n = min(rows, S - i)
        torch.addmm(offset, query[i:i + n], slope, out=scores[:n])
        torch.softmax(scores[:n], 1, out=weights[:n])
        torch.mm(weights[:n], one_hot, out=out[i:i + n])
    return out


def copying(query, items, labels, rows):
    """query (S,d), items (S,T,d), labels (S,T) -> (S,L)."""
    (S, d), v = query.shape, within_class_variance
    c = d * (1 + v) ** 2 / (2 * v * (2 + v))
    out = torch.empty(S, classes)
    for i in range(0, S, rows):
        shown, q = items[i:i + rows], query[i:i + rows] * (2 * c / (1 + v))
        scores = torch.bmm(shown, q[:, :, None])[:, :, 0].sub_(shown.square().sum(-1), alpha=c / (1 + v) ** 2)
        weights = torch.softmax(scores, 1)
        out[i:i + rows] = torch.zeros(len(q), classes).scatter_add_(1, labels[i:i + rows], weights)
    return out


def copying_two_labels(query, items, labels, rows):
    """The same for two labels, whose second probability is a weighted mean of labels."""
    (S, d), v = query.shape, within_class_variance
    c = d * (1 + v) ** 2 / (2 * v * (2 + v))
    out = torch.empty(S, classes)
    for i in range(0, S, rows):
        squares = (items[i:i + rows] * (1 / (1 + v)) - query[i:i + rows, None]).square_().sum(-1)
        second = torch.softmax(squares.mul_(-c), 1).mul_(labels[i:i + rows]).sum(1)
        out[i:i + rows, 1] = second
        out[i:i + rows, 0] = 1 - second
    return out


def prepare_memorizing(case):
    query, tasks = peer.read(case, "query", torch.float32), peer.read(case, "tasks", torch.float32)
    labels = peer.read(case, "task_labels", torch.int64)
    return len(query), {f"{rows} rows": functools.partial(memorizing, query, tasks, labels, rows) for rows in (8, 16, 32, 64, 128)}


def prepare_copying(case):
    query, items, labels = (peer.read(case, name, dtype) for name, dtype in
                            (("query", torch.float32), ("items", torch.float32), ("item_labels", torch.int64)))
    forms = {f"{rows} rows": functools.partial(copying, query, items, labels, rows) for rows in (64, 256, 1024, 2048)}
    forms |= {f"two labels, {rows} rows": functools.partial(copying_two_labels, query, items, labels.float(), rows)
              for rows in (32, 64, 256)}
    return len(query), forms


if __name__ == "__main__":
    peer.run({"classification-d8": prepare_memorizing, "copying-d8-T127": prepare_copying})
