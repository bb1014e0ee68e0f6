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
    names = [name for part in ("analysis", "own_laws", "peers", "predictors", "published", "training") for name in getattr(rationale, part).__all__]
    missing = [name for name in names if name[0].islower() and name != "program" and not re.search(rf"[`.]{name}[`(]", PAGE)]
    assert not missing
