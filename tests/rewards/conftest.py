"""Puts this folder on the module path: scripts that the tests start share the hostile rows in it."""

import sys
from pathlib import Path

FOLDER = str(Path(__file__).parent)
if FOLDER not in sys.path:
    sys.path.append(FOLDER)
