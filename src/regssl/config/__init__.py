"""The configuration of the workflow: its keys, tables and files, and what it plans.

Start with `schema.Config` (every key), `load.load_config` (reads and checks the files) and `project.Project` (which
files of which runs are made).
"""

__all__ = ["checks", "inputs", "load", "models", "pretrained", "project", "schema", "tables", "validators"]
