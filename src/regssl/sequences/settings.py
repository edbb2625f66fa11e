"""Settings of the search for sequences in the human genome."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pydantic import Field

from regssl.settings import OURS, Distinct, Settings


class LocateSettings(Settings):
    """Where in the human genome sequences are looked up."""

    leave_out: Distinct[str] = Field(
        ["*_alt", "*_fix", "*_hap*"],
        description="Chromosomes that are not searched, as names or patterns: other versions of parts of the genome, "
        "in which everything would be found twice.",
        json_schema_extra=OURS,
    )

    def searched(self, chroms: Iterable[str]) -> list[str]:
        """Return those chromosomes that are searched."""
        return [chrom for chrom in chroms if not any(fnmatchcase(chrom, pattern) for pattern in self.leave_out)]
