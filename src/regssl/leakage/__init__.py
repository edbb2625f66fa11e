"""The leakage audit: does anything held out reach training? Start at `audit`.

`overlap` compares by place, `similarity` by sequence; `strata` scores test windows by similarity.
"""

__all__ = ["audit", "overlap", "settings", "similarity", "strata"]
