"""The command line with half a second for a request to arrive."""

import sys

from cds_service import worker
from cds_service.cli import main

worker._READ_SECONDS = 0.5

if __name__ == "__main__":
    sys.exit(main())
