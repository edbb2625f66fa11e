"""Chains from the human genome to one without a chain file: lastz aligns their sequences, its output is chained."""
