"""The version of the package: read by its build, and written into every file that records its origin."""

__version__ = "0.1.0"
