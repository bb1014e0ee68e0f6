"""The page's example runs and prints what stands below it."""
import pathlib
import re

import rationale

PAGE = (pathlib.Path(__file__).parents[2] / "packaging/python/README.md").read_text()


def test_the_example_prints_what_the_page_says(capsys):
    code, printed = re.search(r"^```python\n(.*?)^```\n```\n(.*?)^```", PAGE, re.M | re.S).groups()
    exec(code, {})
    assert capsys.readouterr().out == printed


def test_the_page_names_every_function():
    missing = [name for name in rationale.predictors.__all__ if name[0].islower() and f"`{name}`" not in PAGE and f"rationale.{name}(" not in PAGE]
    assert not missing
