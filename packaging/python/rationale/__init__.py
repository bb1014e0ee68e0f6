"""Rational analysis of in-context learning: what an ideal but resource-limited learner predicts, and which strategy a trained model uses.

    import rationale
    urns = rationale.balls_and_urns(categories=8)
    tasks = urns.sample_tasks(64, seed=1)
    tokens = urns.sample_sequences(100, context=32, tasks=tasks).sequences["tokens"]
    rationale.memorizing(urns, tasks).predict(tokens)    # (100, 32, 8): P(token | those before it)
"""
from . import _core
from .analysis import *  # noqa: F401,F403
from .own_laws import *  # noqa: F401,F403
from .peers import *  # noqa: F401,F403
from .predictors import *  # noqa: F401,F403
from .published import *  # noqa: F401,F403
from .record import Recorder
from .training import *  # noqa: F401,F403

__version__: str = _core.version
