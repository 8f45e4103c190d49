"""Puts the folder of the rewards' tests on the module path: the judge's server and the rows are shared."""

import sys
from pathlib import Path

FOLDER = str(Path(__file__).parents[1] / "rewards")
if FOLDER not in sys.path:
    sys.path.append(FOLDER)
