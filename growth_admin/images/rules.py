"""When an image may be promoted."""

from __future__ import annotations

from traitlets import Bool, Enum, Float, List
from traitlets.config import LoggingConfigurable


class PromotionRules(LoggingConfigurable):
    """What is asked of an image before students get it, and what is kept of the one before."""

    checks = List(
        Enum(("smoke", "canary")),
        default_value=["smoke", "canary"],
        help="Checks that an image must have passed to be promoted without a written reason.",
    ).tag(config=True)
    keeps_previous = Bool(
        True,
        help="Give the image that is replaced a tag of its own (TAG-DIGITS), so that a clean-up "
        "of the registry, which deletes what has no tag, does not take what one may roll back to.",
    ).tag(config=True)
    canary_start_limit_s = Float(
        900.0,
        min=1.0,
        help="Seconds that the canary of a check may take to start. A node that does not have the "
        "image fetches it first; the hub's own limit (Spawner.start_timeout) counts too.",
    ).tag(config=True)
