"""How long each `regssl` command takes before it does anything, and `snakemake -n` of the full configuration.

    python benchmarks/startup.py [--turns 5]

`--help` is a whole process. `start` is one too: it imports the command line and then what the command names in its
first lines. Beside it, what Python, numpy and pandas alone take. The last row plans the default configuration, the
paper's: config/config.yaml.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from table import Table, machine, time_in_turns

from regssl.cli import all_commands
from regssl.cli.parser import Options

ROOT = Path(__file__).parents[1]


def imports(run: Callable[[Options], None]) -> str:
    """The import lines in the body of a command, and of the functions of its module that it calls."""
    lines = []
    calls = [run]
    for function in calls:
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                lines.append(ast.unparse(node))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                helper = run.__globals__.get(node.func.id)
                if inspect.isfunction(helper) and helper not in calls:
                    calls.append(helper)
    return "\n".join(
        [
            "from regssl.cli.garbage import seldom_collect",
            "seldom_collect()",
            "import regssl.cli.user_models, regssl.cli.steps_data, regssl.cli.reports, regssl.cli.reports_data",
            *lines,
        ]
    )


def python(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def needs_torch(code: str) -> bool:
    asked = [sys.executable, "-c", f"{code}\nimport sys; print('torch' in sys.modules)"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip() == "True"


def main() -> None:
    own = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    own.add_argument("--turns", type=int, default=5)
    options = own.parse_args()
    print(machine())

    found = {name: imports(command.run) for name, command in all_commands().items()}
    alone = {"python alone": "pass", "numpy": "import numpy", "pandas": "import numpy, pandas"}
    codes = alone | found
    helps = [
        lambda name=name: subprocess.run(
            [sys.executable, "-m", "regssl.cli", *name.split(), "--help"], check=True, stdout=subprocess.DEVNULL
        )
        for name in found
    ]
    seconds = time_in_turns([*map(python, codes.values()), *helps], least=options.turns)
    start, of_helps = seconds[: len(codes)], [None] * len(alone) + seconds[len(codes) :]
    table = Table("seconds", "--help", "start", "torch", first=26, width=10)
    for (name, code), of_start, of_help in zip(codes.items(), start, of_helps, strict=True):
        table.row(name, of_help or "", of_start, "yes" if needs_torch(code) else "no")
    plan = [sys.executable, "-m", "snakemake", "-n", "--cores", "1"]
    (taken,) = time_in_turns(
        [lambda: subprocess.run(plan, check=True, cwd=ROOT, capture_output=True)], least=2, rehearse=False
    )
    table.row("snakemake -n", "", taken)


if __name__ == "__main__":
    main()
