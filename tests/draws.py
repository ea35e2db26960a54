"""How often a statistical test draws: a few times in every run, all for a release (CRM_DRAWS=100).

With few draws the limit stays the same share of them: one false alarm in twenty, five in a hundred.
Seeds are fixed, so that a run either always passes or always fails.
"""

import os

DRAWS = max(int(os.environ.get("CRM_DRAWS", "0")), 20)
FEW = DRAWS // 20  # as many draws as chance may get wrong
