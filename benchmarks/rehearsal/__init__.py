"""The whole workflow rehearsed on synthetic data of real size, served as the internet would serve it.

`world` says what is made, `human`, `relatives`, `alignment`, `chain_file` and `assays` make it, `mirror` lays it out
under the hosts of the default tables, `server` serves it, and `costs` reads what the workflow took.
`benchmarks/rehearse.py` is the command.
"""
