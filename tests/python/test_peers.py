"""Recordings from other groups' run folders, which are made here in their layout."""
import io
import json
import pickle

import numpy as np
import pytest

import rationale


def temporal_run(folder, kind, M=4, seed=0):
    """config.json and snapshots.npz as experiment_iclr_prior_tracking.py writes them."""
    rng = np.random.default_rng(seed + M)
    steps, redrawn = np.array([0, 9, 10, 19], np.int32), np.array([10] if kind == "redrawn" else [], np.int32)
    tasks = np.repeat(rng.normal(size=(1, M, 2)), len(steps), 0)
    if kind == "redrawn":
        tasks[2:] = rng.normal(size=(M, 2))
    if kind == "drifting":
        tasks += 0.1 * rng.normal(size=tasks.shape).cumsum(0)
    config = {"task_diversity": M, "mala_step_size": 0.01 * (kind == "drifting"), "num_resamples": 2 * (kind == "redrawn"), "seed": seed,
              "output_root": "runs/iclr_prior_tracking", "run_name": folder.name, "task_dim": 2, "num_examples": 8, "noise_var": 0.25,
              "head_type": "gaussian", "num_steps": 20, "learning_rate": 3e-3, "batch_size": 256, "snapshot_period": 10, "num_pr_samples": 3}
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    np.savez(folder / "snapshots.npz", steps=steps, losses=np.linspace(2, 1, 4, dtype=np.float32), tasks=tasks.astype(np.float32),
             pr=np.zeros((4, 3, 2), np.float32), delta_dmmse=np.zeros(4, np.float32), delta_ridge=np.zeros(4, np.float32),
             resample_steps=redrawn, config=json.dumps(config))
    return tasks.astype(np.float32).astype(float)


@pytest.mark.parametrize("kind", ["fixed", "redrawn", "drifting"])
def test_snapshots_of_temporal_diversity_are_recordings(tmp_path, kind):
    family = rationale.linear_regression(2, noise_variance=0.25)
    tasks, asked = {M: temporal_run(tmp_path / f"run{M}", kind, M) for M in (4, 8)}, []

    def predict(snapshot, x, y):
        asked.append((snapshot.run.name, snapshot.step, snapshot.config["task_diversity"]))
        return rationale.memorizing(family, snapshot.tasks).predict(x, y).astype(np.float32)

    recording = rationale.from_temporal_diversity([tmp_path / "run4", tmp_path / "run8"], predict, sequences=20, seed=3)
    assert asked == [(f"run{M}", step, M) for M in (4, 8) for step in (0, 9, 10, 19) for split in "io"]
    assert recording.family == family
    for M in (4, 8):
        with np.load(recording.folder / f"D{M:05d}-seed0.npz") as run:
            assert run["steps"].tolist() == [1, 10, 11, 20] and run["train_loss"].tolist()[0] == 2
            np.testing.assert_array_equal(run["tasks"], tasks[M][0] if kind == "fixed" else tasks[M])
            assert run["visits"].tolist() == [n * 256 / M for n in ([1, 10, 1, 10] if kind == "redrawn" else [1, 10, 11, 20])]
            assert run["x_id"].shape == (*([4] if kind != "fixed" else []), 20, 8, 2) and run["x_ood"].shape == (20, 8, 2)
            noise = run["y_id"] - np.einsum("...td,d->...t", run["x_id"], tasks[M][0, 0])
            assert noise.shape[-1] == 8
            assert not (run["x_id"].reshape(-1, 20, 8, 2)[0] == run["x_ood"]).any()
    # The model is memorizing of the tasks of its time, to float32.
    table = rationale.law_divergences(recording, lambda steps, tasks: (1, 0))
    assert np.max(table["divergence"]) < 1e-9 and len(table["step"]) == 2 * 4 * 2
    assert np.min(rationale.law_divergences(recording, lambda steps, tasks: (0, 1))["divergence"]) > 1e-3


def test_temporal_runs_that_do_not_fit_together_are_refused(tmp_path):
    temporal_run(tmp_path / "a", "fixed"), temporal_run(tmp_path / "b", "drifting")
    say = lambda snapshot, x, y: 0 * y
    with pytest.raises(ValueError, match="two runs have 4 tasks and the seed 0, must be recorded into different folders"):
        rationale.from_temporal_diversity([tmp_path / "a", tmp_path / "b"], say)
    with pytest.raises(ValueError, match="there are no folders"):
        rationale.from_temporal_diversity([], say)
    config = json.loads((tmp_path / "b/config.json").read_text())
    (tmp_path / "b/config.json").write_text(json.dumps(config | {"noise_var": 1.0, "seed": 1}))
    with pytest.raises(ValueError, match="noise_var is 0.25 and 1.0, must be the same in all runs"):
        rationale.from_temporal_diversity([tmp_path / "a", tmp_path / "b"], say)
    (tmp_path / "b/config.json").write_text(json.dumps(config | {"task_diversity": 5}))
    with pytest.raises(ValueError, match="has tasks of .4, 4, 2., must be .4, 5, 2."):
        rationale.from_temporal_diversity(tmp_path / "b", say)


def reads_lists(torch):
    """Whether PyTorch reads numbers that are no tensors without running what is in a file; the older ones do not."""
    torch.save([1.5], file := io.BytesIO())
    try:
        return torch.load(io.BytesIO(file.getvalue()), weights_only=True) == [1.5]
    except pickle.UnpicklingError:
        return False


def mixture_run(folder, torch, n=3, seed=0, **data):
    """config.yaml, logs.pth and checkpoints as run.py of the code writes them; the chains as its dense ones are drawn."""
    yaml = pytest.importorskip("yaml")
    k, steps, states = 4, [2, 5, 9], [100 + i for i in range(n)]
    config = {"data_params": {"batch_size": 8, "ks": [k] * n, "l": 12, "ps": (np.arange(1, n + 1) / sum(range(n + 1))).tolist(),
                              "transition_paramss": [{"random_state": s, "type": "dense"} for s in states], "two_token_input": False, **data},
              "exp_dir": str(folder), "mask_loss": False, "model_params": {"model_type": "transformer"}, "seed": seed, "task": "markov_mixture",
              "training_params": {"n_steps": 10, "save_steps": steps}, "wandb": None}
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.dump(config))
    for step in steps:  # the names that torch.compile gives
        torch.save({"_orig_mod.transformer.share": torch.tensor(step / 10)}, folder / f"checkpoints/ckpt_step={step}.pth")
        torch.save({}, folder / f"checkpoints/opt_ckpt_step={step}.pth")
    torch.save({"online_losses": [3 - 0.1 * i for i in range(10)], "val_losses": [1.0] * 3, "save_steps": steps, "time_tr": 1.0}, folder / "logs.pth")
    chains = []
    for s in states:
        np.random.seed(s)
        chains.append(np.random.dirichlet(np.ones(k), size=k))
    return np.array(chains)


def test_checkpoints_of_markov_mixtures_are_recordings(tmp_path):
    torch = pytest.importorskip("torch")
    chains = {n: mixture_run(tmp_path / f"n={n}", torch, n) for n in (3, 5)}
    family = rationale.markov_chain(4, stationary_start=True)

    def predict(state, tokens, config):
        """Logits of 6 tokens after each token: of M and G, mixed by a weight of the checkpoint."""
        n, share = len(config["data_params"]["ks"]), float(state["_orig_mod.transformer.share"])
        M, G = rationale.memorizing(family, chains[n], config["data_params"]["ps"]), rationale.generalizing(family)
        said = share * M.predict(tokens) + (1 - share) * G.predict(tokens)
        logits = np.full((*tokens.shape, 6), 7.0)
        logits[:, :-1, :4] = np.log(said[:, 1:]) + 2
        return torch.tensor(logits)

    recording = rationale.from_markov_mixtures([tmp_path / "n=3", tmp_path / "n=5"], predict, sequences=400)
    for n in (3, 5):
        with np.load(recording.folder / f"D{n:05d}-seed0.npz") as run:
            assert run["steps"].tolist() == [2, 5, 9] and run["positions"].tolist() == list(range(1, 12))
            np.testing.assert_array_equal(run["tasks"], chains[n])
            assert ("train_loss" in run) == reads_lists(torch)
            np.testing.assert_allclose(run["train_loss"] if "train_loss" in run else [2.9, 2.6, 2.2], [2.9, 2.6, 2.2])
            assert run["tokens_id"].shape == (400, 12) and run["log_predictions_ood"].shape == (3, 400, 11, 4)
            # The sequences are the mixture's: how often the last pairs are seen, to five standard errors.
            pairs = np.zeros((4, 4))
            np.add.at(pairs, (run["tokens_id"][:, -2], run["tokens_id"][:, -1]), 1 / 400)
            expected = 0
            for chain, share in zip(chains[n], run["task_weights"]):
                values, vectors = np.linalg.eig(chain.T)
                start = np.real(vectors[:, np.argmax(np.real(values))])
                expected = expected + share * (start / start.sum())[:, None] * chain
            assert (np.abs(pairs - expected) < 5 * np.sqrt(expected / 400)).all()
    table = rationale.law_divergences(recording, lambda steps, tasks: (steps / 10, 1 - steps / 10))
    assert np.max(table["divergence"]) < 1e-12 and len(table["step"]) == 2 * 3 * 2
    some = rationale.from_markov_mixtures(tmp_path / "n=3", predict, sequences=5, context=7, steps=[9])
    with np.load(some.folder / "D00003-seed0.npz") as run:
        assert run["steps"].tolist() == [9] and run["tokens_id"].shape == (5, 7)
    (tmp_path / "n=3/logs.pth").unlink()
    without = rationale.from_markov_mixtures(tmp_path / "n=3", predict, sequences=5)
    with np.load(without.folder / "D00003-seed0.npz") as run:
        assert "train_loss" not in run


def test_markov_mixtures_that_are_no_fixed_chains_are_refused(tmp_path):
    torch = pytest.importorskip("torch")
    say = lambda state, tokens, config: np.zeros((*tokens.shape, 4))
    for i, (data, sentence) in enumerate([
            ({"online_permute": True}, "states that are permuted, must be a fixed markov_mixture of one k"),
            ({"curriculum": {"type": "div", "n_div": 3}}, "a curriculum, must be"), ({"ks": [4, 4, 5]}, "ks of .4, 5., must be"),
            ({"transition_paramss": [{"type": "sparse", "sparsity": 0.5}] * 3}, "a chain of .*sparse.*, must be dense with a random_state")]):
        mixture_run(tmp_path / str(i), torch, **data)
        with pytest.raises(ValueError, match=sentence):
            rationale.from_markov_mixtures(tmp_path / str(i), say)
    mixture_run(tmp_path / "a", torch), mixture_run(tmp_path / "b", torch, l=13, seed=1)
    with pytest.raises(ValueError, match="l is 12 and 13, must be the same in all runs"):
        rationale.from_markov_mixtures([tmp_path / "a", tmp_path / "b"], say)
    with pytest.raises(ValueError, match="has no ckpt_step=3.pth"):
        rationale.from_markov_mixtures(tmp_path / "a", say, steps=[2, 3])
    with pytest.raises(ValueError, match="has no ckpt_step=2.5.pth"):
        rationale.from_markov_mixtures(tmp_path / "a", say, steps=[2.5])
    with pytest.raises(ValueError, match="predict gives .64, 12, 3., must be .64, 12, at least 4."):
        rationale.from_markov_mixtures(tmp_path / "a", lambda state, tokens, config: np.zeros((*tokens.shape, 3)))
