"""Lift-over with the semantics of UCSC liftOver: start with `lift.lift` (arrays) or `bed.lift_bed` (BED files).

Chains come from `chain_file.read_chains`; outcomes are those of `status.LiftStatus`.
"""

__all__ = ["bed", "chain_file", "chains", "index", "lift", "status"]
