#!/usr/bin/env python3
"""The library as one header, for places that take no more than one, such as Compiler Explorer; it still includes xtensor and xsimd.

Usage: python3 packaging/amalgamate.py [HEADER]... > rationale.hpp

HEADER is a path under include/, rationale/rationale.hpp unless given: each is written with all that it includes, in order, every header once."""

import re
import sys
from pathlib import Path

INCLUDE = Path(__file__).resolve().parent.parent / "include"
OWN = re.compile(r'\s*#\s*include\s+"(rationale/[^"]+)"')


def lines_of(header, written):
    """A header's lines, with those of its own includes in the place where they are first met."""
    if header in written:
        return
    written.add(header)
    path = INCLUDE / header
    if not path.is_file():
        sys.exit(f"packaging/amalgamate.py: there is no include/{header}")
    for line in path.read_text(encoding="utf-8").splitlines():
        own = OWN.match(line)
        if own:
            yield from lines_of(own[1], written)
        else:
            yield line


def main(headers):
    if headers[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return
    license_lines = (INCLUDE.parent / "LICENSE").read_text(encoding="utf-8").splitlines()
    print("\n".join(["// Rationale, as one header, by packaging/amalgamate.py."] + [f"// {line}".rstrip() for line in license_lines]) + "\n")
    written = set()
    for header in headers or ["rationale/rationale.hpp"]:
        print("\n".join(lines_of(header, written)))


if __name__ == "__main__":
    main(sys.argv[1:])
