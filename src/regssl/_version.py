"""The version, read by the package, its build and every file that says what made it."""

__version__ = "0.1.0"
