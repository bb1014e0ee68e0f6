"""How to record a model for `analyze`: collect its predictions at every checkpoint, then save one npz file a training run and a manifest.

    python3 record.py FOLDER      writes a small recording whose "model" moves from the generalizing to the memorizing predictor
"""
import json
import pathlib
import sys

import numpy as np


def record(folder, name, family, parameters, runs, model=None):
    """runs: a list of dicts with tasks (D, ...), seed, steps (N), tokens_id (S, T), predictions_id (N, S, T, K), and the same for ood if recorded.
    In PyTorch: predictions = torch.stack([net(tokens).softmax(-1) for each checkpoint]).cpu().numpy(), or log_predictions for raw logits."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for run in runs:
        arrays = {key: np.ascontiguousarray(value) for key, value in run.items() if key != "seed"}
        entries.append({"file": f"D{len(run['tasks']):05d}-seed{run['seed']}.npz", "tasks": len(run["tasks"]), "seed": run["seed"]})
        np.savez_compressed(folder / entries[-1]["file"], **arrays)
    manifest = {"format": "rationale-recording", "version": 1, "name": name, "family": family, "parameters": parameters, "model": model or {}, "runs": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, allow_nan=False))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rng = np.random.default_rng(0)
    K, T, S, steps, runs = 4, 16, 20, np.array([10, 100, 1000, 10000]), []
    for D in (2, 4, 8):
        tasks = rng.dirichlet(np.ones(K), D)
        run = {"tasks": tasks, "seed": 0, "steps": steps}
        for split, urns in ("id", tasks[rng.integers(D, size=S)]), ("ood", rng.dirichlet(np.ones(K), S)):
            tokens = np.array([rng.choice(K, T, p=urn) for urn in urns])
            seen = np.cumsum(np.eye(K)[tokens], 1) - np.eye(K)[tokens]  # counts before each token
            posterior = np.exp(seen @ np.log(tasks).T)
            M, G = posterior / posterior.sum(-1, keepdims=True) @ tasks, (seen + 1) / (seen.sum(-1, keepdims=True) + K)
            weight = (steps / (steps + 100 * D))[:, None, None, None]
            run |= {f"tokens_{split}": tokens, f"predictions_{split}": (weight * M + (1 - weight) * G).astype(np.float32)}
        runs.append(run)
    record(sys.argv[1], "a made-up model of balls and urns", "balls_and_urns", {"categories": K, "context": T, "concentration": 1.0}, runs)
