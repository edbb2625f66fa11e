"""The version of the package: read by its build, and written into every file that records its origin."""

__version__ = "0.2.0.dev0"
