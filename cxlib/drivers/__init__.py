"""Which factors go with referral, and which with loyalty."""

from cxlib.drivers.find import find_drivers
from cxlib.drivers.table import Drivers

__all__ = ["Drivers", "find_drivers"]
