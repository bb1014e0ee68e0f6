"""Arrays of others, as the compiled part takes them: no copy of what is there already in the right type and order."""
from __future__ import annotations

from typing import Any, Dict, Sequence, Tuple

import numpy as np

TYPES: Dict[str, np.dtype] = {"d": np.dtype(np.float64), "i": np.dtype(np.int32), "q": np.dtype(np.int64)}
Facts = Tuple[str, str, str]


def to_numpy(value: Any) -> np.ndarray:
    """The array in NumPy: of anything with __array__, __dlpack__ or the buffer protocol, and of PyTorch without its gradient."""
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "detach"):
        value = value.detach()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        return value.cpu().numpy()
    if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        return np.from_dlpack(value)
    return np.asarray(value)


def unmasked(name: str, value: Any) -> Any:
    """The same; ValueError for a masked array of numpy.ma, whose mask nothing here sees."""
    if np.ma.is_masked(value):
        raise ValueError(f"rationale: {name} is masked at {np.ma.count_masked(value)} places, must be numbers everywhere")
    return value


def as_declared(value: Any, facts: Facts) -> np.ndarray:
    """C-contiguous and of the declared type. ValueError for numbers that this type does not hold: fractions, words, complex numbers."""
    name, _, kind = facts
    wanted = TYPES[kind]
    array = to_numpy(unmasked(name, value))
    if array.dtype != wanted:
        if array.dtype.kind not in ("fiub" if kind == "d" else "iub"):
            raise ValueError(f"rationale: {name} is of type {array.dtype}, must be {'real' if kind == 'd' else 'whole'} numbers")
        if kind != "d" and array.size and not np.can_cast(array.dtype, wanted):
            low, high = int(array.min()), int(array.max())
            if low < np.iinfo(wanted).min or high > np.iinfo(wanted).max:
                raise ValueError(f"rationale: {name} holds numbers from {low} to {high}, must be whole numbers of {wanted.itemsize * 8} bits")
    return np.require(array, wanted, ["C", "A"])


def all_as_declared(given: Sequence[Any], named: dict, facts: Sequence[Facts], where: str) -> list:
    """Arrays in the order of `facts`, some by position and the rest by name."""
    if not named and len(given) == len(facts):
        return [as_declared(value, fact) for value, fact in zip(given, facts)]
    names = [name for name, *_ in facts]
    both = dict(zip(names, given), **named) if not set(names[: len(given)]) & set(named) else {}
    if len(given) > len(names) or set(both) != set(names):
        raise ValueError(f"rationale: {where} takes the arrays {', '.join(names)}; got {len(given)} and {', '.join(named) or 'none by name'}")
    return [as_declared(both[fact[0]], fact) for fact in facts]
