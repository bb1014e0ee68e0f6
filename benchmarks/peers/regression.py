"""Linear regression: dMMSE over blocks of tasks, and ridge at every prefix in two forms, rank-one updates and a Cholesky factor."""
import functools
import math

import torch

import peer


def dmmse(x, y, tasks, noise_variance, sequences, block):
    """x (S,T,d), y (S,T), tasks (D,d) -> (S,T): mean of y_t from x_t and the pairs before it. Blocks merge by log-sum-exp."""
    S, T, _ = x.shape
    W = tasks.T.contiguous()
    # One product turns squared residuals into log likelihoods of what came before.
    before = torch.full((T, T), -0.5 / noise_variance).tril_(-1)
    out = torch.empty(S, T)
    for s in range(0, S, sequences):
        xs, ys = x[s:s + sequences], y[s:s + sequences, :, None]
        top, mass, mean = torch.full(ys.shape[:2], -math.inf), torch.zeros(ys.shape[:2]), torch.zeros(ys.shape[:2])
        for c in range(0, len(tasks), block):
            p = xs @ W[:, c:c + block]
            weight = torch.matmul(before, (p - ys).square_())
            higher = torch.maximum(top, weight.amax(-1))
            weight.sub_(higher[:, :, None]).exp_()
            keep = (top - higher).exp_()
            mass = mass.mul_(keep).add_(weight.sum(-1))
            mean = mean.mul_(keep).add_(p.mul_(weight).sum(-1))
            top = higher
        out[s:s + sequences] = mean / mass
    return out


def ridge_by_updates(x, y, noise_variance, block):
    """x (S,T,d), y (S,T) -> (S,T): posterior mean at every prefix by rank-one updates of the covariance, batched over sequences."""
    S, T, d = x.shape
    out = torch.empty(S, T)
    for s in range(0, S, block):
        xs, ys, predicted = x[s:s + block].transpose(0, 1).contiguous(), y[s:s + block].T.contiguous(), out[s:s + block]
        n = xs.shape[1]
        covariance, w = torch.eye(d).expand(n, d, d).contiguous(), torch.zeros(n, d)
        for t in range(T):
            xt = xs[t]
            mean = torch.sum(w * xt, -1)
            predicted[:, t] = mean
            Px = torch.bmm(covariance, xt[:, :, None])
            gain = Px[:, :, 0] / (torch.sum(Px[:, :, 0] * xt, -1, keepdim=True) + noise_variance)
            w.addcmul_(gain, (ys[t] - mean)[:, None])
            covariance.baddbmm_(gain[:, :, None], Px.transpose(1, 2), alpha=-1)
    return out


def ridge_by_cholesky(x, y, noise_variance, block):
    """The same: with L L' = X X' + noise and L z = y, the prediction of y_t from the pairs before t is y_t - L_tt z_t."""
    S, T, d = x.shape
    out = torch.empty(S, T)
    for s in range(0, S, block):
        xs, ys = x[s:s + block], y[s:s + block]
        gram = torch.bmm(xs, xs.transpose(1, 2))
        gram.diagonal(dim1=1, dim2=2).add_(noise_variance)
        L = torch.linalg.cholesky(gram)
        z = torch.linalg.solve_triangular(L, ys[:, :, None], upper=False)[:, :, 0]
        out[s:s + block] = ys - L.diagonal(dim1=1, dim2=2) * z
    return out


def prepare_dmmse(case):
    x, y, tasks = (peer.read(case, name, torch.float32) for name in ("x", "y", "tasks"))
    shapes = [(n, block) for n in (1, 2, 4, 8) for block in (256, 512, 1024, 2048, 4096) if n * block <= 8192]
    return len(x), {f"{n} sequences x {block} tasks": functools.partial(dmmse, x, y, tasks, x.shape[-1] / 256, n, block)
                    for n, block in shapes}


def prepare_ridge(case):
    x, y = peer.read(case, "x", torch.float32), peer.read(case, "y", torch.float32)
    forms = {"rank-one updates": (ridge_by_updates, (128, 256, 512, 1024)), "Cholesky": (ridge_by_cholesky, (32, 128))}
    return len(x), {f"{name}, {block} sequences": functools.partial(form, x, y, x.shape[-1] / 256, block)
                    for name, (form, blocks) in forms.items() for block in blocks}


if __name__ == "__main__":
    peer.run({"dmmse-d8-T16": prepare_dmmse, "dmmse-d8-T64": prepare_dmmse, "ridge-d8-T64": prepare_ridge, "ridge-d16-T64": prepare_ridge})
