"""What leaving out seen urns that cannot matter can save at most: of all pairs of a task and a position, the share whose weight is within the
tolerance's gap, log(D / tolerance), of the largest one, and the share that is left where tasks are left out in groups of 64, by the bound
sum_k n_k max_group log p_k, of a tree that halves the tasks along the widest log probability.

    python3 benchmarks/skipping_bound.py        # K = 8, T = 128, a minute
"""
import numpy as np

CATEGORIES, CONTEXT, TOLERANCE, LEAF, SEQUENCES = 8, 128, 4e-6, 64, 3


def leaves(log_p):
    """Indices of the tasks in each leaf."""
    groups = [np.arange(len(log_p))]
    while len(groups[0]) > LEAF:
        halves = []
        for group in groups:
            widest = np.argmax(log_p[group].std(0))
            order = group[np.argsort(log_p[group, widest], kind="stable")]
            halves += np.split(order, 2)
        groups = halves
    return groups


def shares(tasks, rng):
    p = rng.dirichlet(np.ones(CATEGORIES), size=tasks)
    log_p = np.log(p)
    greatest = np.array([log_p[group].max(0) for group in leaves(log_p)])
    gap = np.log(tasks / TOLERANCE)
    alone, grouped = [], []
    for _ in range(SEQUENCES):
        tokens = rng.choice(CATEGORIES, size=CONTEXT, p=p[rng.integers(tasks)])
        log_weight, counts = np.zeros(tasks), np.zeros(CATEGORIES)
        for token in tokens:
            least = log_weight.max() - gap
            alone.append((log_weight >= least).mean())
            grouped.append((greatest @ counts >= least).mean())
            log_weight += log_p[:, token]
            counts[token] += 1
    return np.mean(alone), np.mean(grouped)


def main():
    rng = np.random.default_rng(1)
    print("tasks, one by one, in groups of", LEAF)
    for tasks in (2**12, 2**16, 2**20):
        print(tasks, *(f"{share:.3f}" for share in shares(tasks, rng)))


if __name__ == "__main__":
    main()
