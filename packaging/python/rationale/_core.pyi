"""The compiled part, for type checkers; what users call is in predictors.py."""
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

version: str
march: str
Facts = List[Tuple[str, str, str]]
Parameter = Union[bool, int, float, List[float]]

class strategy_object:
    name: str
    numbers: np.ndarray
    bits: Optional[float]
    program_bits: Optional[float]
    def predict(self, sequences: List[np.ndarray], threads: int, mask: bool) -> Tuple[np.ndarray, np.ndarray]: ...
    def log_evidence(self, sequences: List[np.ndarray], threads: int) -> np.ndarray: ...
    def posterior(self, sequences: List[np.ndarray], sequence: int, event: int) -> np.ndarray: ...

class family_object:
    name: str
    parameters: Dict[str, Any]
    prediction_axes: str
    task_arrays: Facts
    sequence_arrays: Facts
    def strategy(self, kind: str, tasks: List[np.ndarray], weights: List[float], precision: List[float], exponent: float, weighed: int,
                 said: int, share: float, in_float: bool) -> strategy_object: ...
    def sample_tasks(self, count: int, seed: int) -> List[np.ndarray]: ...
    def sample_sequences(self, tasks: List[np.ndarray], weights: List[float], count: int, context: int, seed: int,
                         first: int) -> List[np.ndarray]: ...

def family(name: str, parameters: Dict[str, Parameter]) -> family_object: ...
def losses(family: family_object, strategies: Sequence[strategy_object], tasks: List[np.ndarray], weights: List[float], context: int,
           seed: int, relative_error: float, most_sequences: int,
           threads: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray, int, bool]: ...
def description_length(numbers: List[float], threads: int) -> Tuple[float, str, List[Tuple[str, float]]]: ...
