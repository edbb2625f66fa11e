"""`python -m regssl.cli` is `regssl`."""

import sys

from regssl.cli import main

sys.exit(main())
