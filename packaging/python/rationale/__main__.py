"""python -m rationale analyze ... is the program analyze, with its own options: python -m rationale analyze --help."""
import os
import sys

from .analysis import program


def main() -> None:
    if sys.argv[1:2] != ["analyze"]:
        sys.exit(__doc__)
    try:
        path = program()
    except FileNotFoundError as fault:
        sys.exit(f"rationale: {fault}")
    os.execv(path, [path, *sys.argv[2:]])


main()
