"""Lets the tests of this package import each other's tables."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
