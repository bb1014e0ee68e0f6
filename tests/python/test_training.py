"""Recording while a model trains, and recordings from the published code's run folders."""
import json
import types

import numpy as np
import pytest

import rationale

FAMILY = rationale.balls_and_urns(3)
TASKS = FAMILY.sample_tasks(4, seed=1)
TOKENS = {f"tokens_{split}": FAMILY.sample_sequences(5, 6, seed=seed).sequences["tokens"] for seed, split in enumerate(("id", "ood"))}


def recorder(folder):
    return rationale.Recorder(folder, "made up", "balls_and_urns", {"categories": 3}, tasks=TASKS, **TOKENS)


def test_a_module_is_recorded_in_evaluation_mode_without_gradients(tmp_path):
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.drop = torch.nn.Parameter(torch.arange(9.0).view(3, 3)), torch.nn.Dropout(0.5)

        def forward(self, tokens):
            assert not torch.is_grad_enabled() and not self.training
            return self.drop(self.weight[tokens])

    net = Net()
    with recorder(tmp_path) as of:
        rationale.record_module(of, 3, net)
        rationale.record_module(of, 4, net, lambda module, tokens: module(tokens) * 2)
    assert net.training
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        np.testing.assert_array_equal(file["log_predictions_id"][0], np.arange(9.0).reshape(3, 3)[TOKENS["tokens_id"]])
        np.testing.assert_array_equal(file["log_predictions_ood"][1], 2 * np.arange(9.0).reshape(3, 3)[TOKENS["tokens_ood"]])


def test_arrays_that_the_family_has_not_are_refused(tmp_path):
    with pytest.raises(ValueError, match="^there is no array task_weight of balls_and_urns, expected one of .*task_weights, tasks, tokens_id, tokens_ood$"):
        rationale.Recording(FAMILY, folder=tmp_path).add_run(TASKS, [1], task_weight=[1, 1, 1, 1], predictions_id=[0], **TOKENS)
    assert list(tmp_path.iterdir()) == []


def test_parts_of_a_module_keep_their_modes(tmp_path):
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Embedding(3, 3), torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Dropout(0.5)))
    for training in True, False:
        net.train(training)
        net[1].eval()
        net[1][1].train()
        with recorder(tmp_path) as of:
            rationale.record_module(of, 3, net)
        assert [of.training for of in net.modules()] == [training, training, False, False, True]


class TrainerCallback:
    """The part of transformers' protocol that a callback of ours overrides."""

    def on_train_begin(self, args, state, control, **kwargs):
        pass

    on_step_end = on_train_end = on_train_begin


def train(callback, model, max_steps=16, begin=0, zero=True, fails_at=None):
    """As transformers' Trainer calls its callbacks."""
    state, control = types.SimpleNamespace(global_step=begin, max_steps=max_steps, is_world_process_zero=zero), object()
    common = {"model": model, "optimizer": None, "train_dataloader": None}
    callback.on_train_begin(object(), state, control, **common)
    for step in range(begin, max_steps):
        if step == fails_at:
            raise RuntimeError("out of memory")
        state.global_step = step + 1
        callback.on_step_end(object(), state, control, **common)
    callback.on_train_end(object(), state, control, **common)


@pytest.fixture
def transformers(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", types.SimpleNamespace(TrainerCallback=TrainerCallback))


def test_a_trainer_records_by_a_callback(tmp_path, transformers):
    say = lambda model, tokens: model[tokens]
    callback = rationale.recorder_callback(recorder(tmp_path), say, steps=[0, 2, 16])
    assert isinstance(callback, TrainerCallback)
    train(callback, np.eye(3))
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        assert file["steps"].tolist() == [0, 2, 16] and file["log_predictions_id"].shape == (3, 5, 6, 3)
    train(rationale.recorder_callback(recorder(tmp_path / "usual"), say, checkpoints=4), np.eye(3))
    with np.load(tmp_path / "usual/D00004-seed0.npz") as file:
        assert file["steps"].tolist() == [1, 4, 9, 16]


def test_nothing_is_left_of_a_training_that_fails_or_of_further_processes(tmp_path, transformers):
    with pytest.raises(RuntimeError):
        train(rationale.recorder_callback(recorder(tmp_path), lambda model, tokens: model[tokens], [2]), np.eye(3), fails_at=5)
    train(rationale.recorder_callback(recorder(tmp_path), lambda model, tokens: model[tokens], [2]), np.eye(3), zero=False)
    assert list(tmp_path.iterdir()) == []


def published(cache, torch, setting, d, T, S=5):
    """Run folders in the published layout, whose "model" is G on the sequences that the published generator draws."""
    rng, base = np.random.default_rng(5), cache / setting
    family = {"categorical-sequence": rationale.balls_and_urns, "linear-regression": rationale.linear_regression}[setting](d)
    fresh = family.sample_tasks(7, seed=9)
    (base / "data/train-data").mkdir(parents=True), (base / "data/eval-data").mkdir()
    np.savez(base / f"data/eval-data/{d}dims-7tasks-2seed_eval_data.npz", tasks=fresh)
    drawn = {}
    for D in (4, 8):
        tasks = family.sample_tasks(D, seed=D)
        np.savez(base / f"data/train-data/{d}dims-{D}tasks-1seed_data.npz", tasks=tasks)
        for split, source in ("train", tasks), ("eval", fresh):
            generator, arrays = np.random.default_rng(1), []
            for _ in range(S):
                w = source[generator.choice(len(source), p=np.ones(len(source)) / len(source))]
                if setting == "categorical-sequence":
                    arrays.append((generator.choice(d, size=T, replace=True, p=w),))
                else:
                    x = generator.multivariate_normal(np.zeros(d), np.eye(d), size=T)
                    arrays.append((x, x @ w + generator.normal(loc=0.0, scale=np.sqrt(d / 256), size=T)))
            sequences = [np.array(of) for of in zip(*arrays)]
            drawn[D, split] = sequences
            said = rationale.generalizing(family).predict(*sequences)
            if setting == "categorical-sequence":  # logits after the start token, and one more after the last token
                said = np.concatenate([np.log(said) + 3, rng.normal(size=(S, 1, d))], 1)
            for step in (100, 1000):
                run = f"{d}dims-{D}tasks-{T}context-4layers-0.5expansionfactor-64batchsize-0.0005lr-1000steps-1seed-x"
                folder = base / f"transformers/{run}/checkpoints/checkpoint-{step}"
                folder.mkdir(parents=True, exist_ok=True)
                torch.save(torch.tensor(said, dtype=torch.float32), folder / f"outputs-{split}-1seed-{S}sequences.pt")
    return family, drawn


@pytest.mark.parametrize("setting, d", [("categorical-sequence", 4), ("linear-regression", 3)])
def test_published_run_folders_are_recordings(tmp_path, setting, d):
    torch = pytest.importorskip("torch")
    family, drawn = published(tmp_path, torch, setting, d, T=6)
    recording = rationale.from_published(tmp_path, setting, dims=d, context=6, match="-0.5expansionfactor-")
    assert [run["tasks"] for run in json.loads((recording.folder / "manifest.json").read_text())["runs"]] == [4, 8]
    with np.load(recording.folder / "D00008-seed1.npz") as run:
        assert run["steps"].tolist() == [100, 1000]
        sequences = [run[f"{name}_ood"] for name, *_ in family.sequence_arrays]
        for mine, theirs in zip(sequences, drawn[8, "eval"]):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)
        said = run["predictions_ood"] if setting == "linear-regression" else np.exp(run["log_predictions_ood"].astype(float) - 3)
        np.testing.assert_allclose(said[1], rationale.generalizing(family).predict(*sequences), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="has no run with"):
        rationale.from_published(tmp_path, setting, dims=d, context=7)
