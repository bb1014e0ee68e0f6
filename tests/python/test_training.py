"""Recording while a model trains, and recordings from the published code's run folders."""
import json
import shutil
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


@pytest.mark.parametrize("setting, d", [("categorical-sequence", 4), ("linear-regression", 3)])
def test_published_runs_with_the_same_tasks_and_seed_are_told_apart_by_match(tmp_path, setting, d):
    torch = pytest.importorskip("torch")
    published(tmp_path, torch, setting, d, T=6)
    for run in sorted((tmp_path / setting / "transformers").iterdir()):
        shutil.copytree(run, run.with_name(run.name.replace("0.5expansion", "4expansion")))
    with pytest.raises(ValueError, match=r"-0\.5expansionfactor-.* and .*-4expansionfactor-.* both have D = 4 and seed 1, must be one run: .* by match$"):
        rationale.from_published(tmp_path, setting, dims=d, context=6)
    recording = rationale.from_published(tmp_path, setting, dims=d, context=6, match="-4expansionfactor-")
    assert len(json.loads((recording.folder / "manifest.json").read_text())["runs"]) == 2
    data = tmp_path / setting / "data/eval-data"
    shutil.copy(data / f"{d}dims-7tasks-2seed_eval_data.npz", data / f"{d}dims-9tasks-2seed_eval_data.npz")
    with pytest.raises(ValueError, match=f"eval-data has {d}dims-7tasks-2seed_eval_data.npz, {d}dims-9tasks-2seed_eval_data.npz for .*, must have one$"):
        rationale.from_published(tmp_path, setting, dims=d, context=6, match="-4expansionfactor-")


UNIFORM = np.full((1, 5, 6, 3), 1 / 3)


def add(recording, **more):
    return recording.add_run(**{"tasks": TASKS, "steps": [1], "predictions_id": UNIFORM, "predictions_ood": UNIFORM, **TOKENS, **more})


def test_a_run_is_not_added_twice_and_replaces_that_of_an_earlier_session(tmp_path):
    recording = add(rationale.Recording(FAMILY, folder=tmp_path))
    with pytest.raises(ValueError, match="^rationale.Recording: run D = 4, seed 0 is added twice, must have a seed of its own$"):
        add(recording, steps=[2])
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        assert file["steps"].tolist() == [1]
    add(recording, seed=1)
    add(rationale.Recording(FAMILY, folder=tmp_path), steps=[3])
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        assert file["steps"].tolist() == [3]


def test_a_recorder_takes_no_run_of_another(tmp_path):
    recording = rationale.Recording(FAMILY, folder=tmp_path)
    with recording.recorder(TASKS, **TOKENS) as first:
        also = recording.recorder(TASKS, **TOKENS)  # before the first is closed
        for step, of in (1, first), (2, also):
            of.checkpoint(step, predictions_id=UNIFORM[0], predictions_ood=UNIFORM[0])
    twice = "^rationale.Recording: run D = 4, seed 0 is added twice, must have a seed of its own$"
    for again in also.close, lambda: recording.recorder(TASKS, **TOKENS), lambda: add(recording):
        with pytest.raises(ValueError, match=twice):
            again()
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        assert file["steps"].tolist() == [1]
    with pytest.raises(RuntimeError):  # of a training that fails nothing is there
        with recording.recorder(TASKS, seed=1, **TOKENS):
            raise RuntimeError
    add(recording, seed=1)
    with pytest.raises(ValueError, match="seed 1 is added twice"):
        recording.recorder(TASKS, seed=1, **TOKENS)


@pytest.mark.parametrize("sentence, given", [
    ("train_loss has 2 checkpoints, must have 1, one a step", {"train_loss": [1.0, 2.0]}),
    ("bits of the strategy mine is None, must be a finite number", {"strategies": {"mine": {"loss": 1.0, "predict": lambda tokens: tokens}}}),
    ("loss of the strategy mine is nan, must be a finite number", {"strategies": {"mine": {"loss": np.nan, "bits": 8, "predict": lambda tokens: tokens}}}),
])
def test_what_a_run_lacks_is_refused(tmp_path, sentence, given):
    with pytest.raises(ValueError, match=f"^rationale.Recording: {sentence}$"):
        add(rationale.Recording(FAMILY, folder=tmp_path), **given)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_refused_may_be_added(tmp_path):
    recording = rationale.Recording(FAMILY, folder=tmp_path)
    with pytest.raises(ValueError, match="are no probabilities"):
        add(recording, predictions_id=2 * UNIFORM)
    add(recording)


@pytest.mark.parametrize("step", [1.7, np.float32(0.5), np.nan, np.inf, None, "1", 2**63])
def test_steps_that_are_no_whole_numbers_are_refused(tmp_path, step):
    with pytest.raises(ValueError, match=f"^step is {step}, expected a whole number of at least 0$"):
        recorder(tmp_path).checkpoint(step, predictions_id=UNIFORM[0], predictions_ood=UNIFORM[0])
    with pytest.raises(ValueError, match=f"^step is {step}, expected a whole number of at least 0$"):
        add(rationale.Recording(FAMILY, folder=tmp_path), steps=[step])
    assert list(tmp_path.iterdir()) == []


def test_whole_steps_may_be_of_any_type(tmp_path):
    add(rationale.Recording(FAMILY, folder=tmp_path), steps=np.array([4.0]))
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        assert file["steps"].tolist() == [4] and file["steps"].dtype == np.int64


def test_a_further_run_keeps_what_the_manifest_says(tmp_path):
    add(rationale.Recording(FAMILY, "first", tmp_path, model={"width": 64}))
    path = tmp_path / "manifest.json"
    before = json.loads(path.read_text()) | {"types": {"predictions_id": "bfloat16"}, "licence": "CC0", "training": {"schedule": "constant"}}
    before["runs"][0]["types"] = {"predictions_ood": "bfloat16"}
    path.write_text(json.dumps(before))
    add(rationale.Recording(FAMILY, "second", tmp_path, model={"width": 8}), seed=1)
    after = json.loads(path.read_text())
    assert {key: after[key] for key in ("name", "model", "training", "licence")} == {
        "name": "first", "model": {"width": 64}, "training": {"schedule": "constant"}, "licence": "CC0"}
    # Types of every run are those of the earlier ones: this run is not of bfloat16.
    assert "types" not in after and "types" not in after["runs"][1]
    assert after["runs"][0]["types"] == {"predictions_id": "bfloat16", "predictions_ood": "bfloat16"}


def test_the_only_run_recorded_again_has_the_latest_name_and_keeps_unknown_keys(tmp_path):
    add(rationale.Recording(FAMILY, "first", tmp_path))
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"types": {"predictions_id": "bfloat16"}, "licence": "CC0"}))
    add(rationale.Recording(FAMILY, "second", tmp_path))
    after = json.loads(path.read_text())
    assert after["name"] == "second" and after["licence"] == "CC0" and "types" not in after and "types" not in after["runs"][0]


def test_runs_of_bfloat16_have_its_tolerance(tmp_path):
    torch = pytest.importorskip("torch")
    near = torch.tensor(UNIFORM).bfloat16()
    assert abs(near[0, 0, 0].double().sum() - 1) > 1e-4
    add(rationale.Recording(FAMILY, folder=tmp_path), predictions_id=near, predictions_ood=near)
    run = json.loads((tmp_path / "manifest.json").read_text())["runs"][0]
    assert run["types"] == {"predictions_id": "bfloat16", "predictions_ood": "bfloat16"}
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        np.testing.assert_array_equal(file["predictions_id"].astype("<u4") << 16, near.float().numpy().view("<u4"))


@pytest.mark.parametrize("of", ["numpy", "torch"])
def test_a_model_that_changes_its_input_does_not_change_the_recording(tmp_path, of):
    def say(module, tokens):
        tokens[:] = 0
        return (np.zeros if of == "numpy" else torch.zeros)((5, 6, 3))

    torch = pytest.importorskip("torch") if of == "torch" else None
    tokens = {key: value.astype(np.int64) for key, value in TOKENS.items()}  # a tensor's own type
    with make(tmp_path, **tokens) as r:
        rationale.record_module(r, 1, torch.nn.Linear(1, 1) if torch else object(), say)
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        np.testing.assert_array_equal(file["tokens_id"], TOKENS["tokens_id"])


def test_steps_of_a_callback_may_be_an_array(tmp_path, transformers):
    train(rationale.recorder_callback(recorder(tmp_path), lambda model, tokens: model[tokens], steps=np.array([2, 4])), np.eye(3))
    with np.load(tmp_path / "D00004-seed0.npz") as file:
        assert file["steps"].tolist() == [2, 4]


@pytest.mark.parametrize("sentence, how", [
    ("a step is 1.7, must be a whole number of at least 0", {"steps": [1, 1.7]}),
    ("a step is -1, must be a whole number of at least 0", {"steps": [-1]}),
    ("there are 0 steps, must be at least 1", {"steps": []}),
    ("checkpoints is 0, must be a whole number of at least 1", {"checkpoints": 0}),
    ("checkpoints is 2.5, must be a whole number of at least 1", {"checkpoints": 2.5}),
])
def test_steps_at_which_no_callback_records_are_refused(tmp_path, transformers, sentence, how):
    with pytest.raises(ValueError, match=f"^rationale.recorder_callback: {sentence}$"):
        rationale.recorder_callback(recorder(tmp_path), lambda model, tokens: model[tokens], **how)
    assert rationale.recorder_callback(recorder(tmp_path), print, steps=iter([2.0, 4])).wanted == {2, 4}


def make(folder, family="balls_and_urns", parameters=None, **more):
    usual = {"tasks": TASKS, **TOKENS} if family == "balls_and_urns" else {}
    return rationale.Recorder(folder, "made up", family, parameters or {"categories": 3}, **{**usual, **more})


MATRICES = np.full((4, 3, 3), 1 / 3)


@pytest.mark.parametrize("sentence, given", [
    ("task_weights hold -1 and sum to 2, expected weights of at least 0, some of them above", {"task_weights": [1, 1, 1, -1]}),
    ("task_weights hold 0 and sum to 0, expected weights of at least 0, some of them above", {"task_weights": [0, 0, 0, 0]}),
    ("tasks are no probabilities, one is .* and a row's sum .*, expected rows that sum to 1 to 1e-6", {"tasks": TASKS * (1 + 1e-5)}),
    ("tasks are no probabilities, one is -1.0 and .*", {"tasks": np.array([[2.0, -1, 0]] * 4)}),
    ("tasks are no probabilities, one is 1.0 and a row's sum 3.0, .*", {"family": "markov_chain", "tasks": np.ones((4, 3, 3)), **TOKENS}),
    ("transitions are no probabilities, one is 1.0 and a row's sum 3.0, .*",
     {"family": "hidden_markov", "tasks": MATRICES, "transitions": np.ones((4, 3, 3)), **TOKENS}),
    ("there is no parameter concentrations of balls_and_urns, expected one of categories, concentration, context",
     {"parameters": {"categories": 3, "concentrations": 1}}),
    ("seed is None, expected a whole number of 64 bits with a sign", {"seed": None}),
    ("seed is 0.5, expected a whole number of 64 bits with a sign", {"seed": 0.5}),
    ("seed is 9223372036854775808, expected a whole number of 64 bits with a sign", {"seed": 2**63}),
    ("tasks is masked at 1 places, expected numbers everywhere", {"tasks": np.ma.array(TASKS, mask=np.arange(12).reshape(4, 3) == 5)}),
])
def test_what_no_reader_takes_is_refused_before_the_training(tmp_path, sentence, given):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        make(tmp_path, **given)
    assert list(tmp_path.iterdir()) == []


def test_what_readers_take_is_recorded(tmp_path):
    given = [{"task_weights": [0, 1, 0, 2.5], "seed": -2**63, "parameters": {"categories": 3, "context": 6}},
             {"tasks": TASKS.astype(np.float32), "parameters": {"categories": 3, "context": 6}, "seed": np.int64(3)},
             {"tasks": TASKS * (1 + 1e-7), "seed": 4.0}]
    for of in given:
        with make(tmp_path, **of) as r:
            r.checkpoint(1, predictions_id=UNIFORM[0], predictions_ood=UNIFORM[0])
    assert [run["seed"] for run in json.loads((tmp_path / "manifest.json").read_text())["runs"]] == [-2**63, 3, 4]


def test_weights_of_tasks_are_given_once(tmp_path):
    with pytest.raises(ValueError, match="^step 1 has task_weights, expected predictions, tasks or sequences"):
        make(tmp_path, task_weights=np.ones(4)).checkpoint(1, task_weights=np.ones(4), predictions_id=UNIFORM[0], predictions_ood=UNIFORM[0])


def test_masked_predictions_are_refused(tmp_path):
    masked = np.ma.array(UNIFORM, mask=UNIFORM > 1)
    masked[0, 1, 2, 0] = np.ma.masked
    with pytest.raises(ValueError, match="^predictions_id is masked at 1 places, expected numbers everywhere$"):
        add(rationale.Recording(FAMILY, folder=tmp_path), predictions_id=masked)
