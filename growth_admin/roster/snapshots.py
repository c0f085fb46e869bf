"""Records of the roster that several servers change, as ``core.snapshots`` keeps them."""

from __future__ import annotations

from growth_admin.core.snapshots import Numbered, Snapshots

__all__ = ["Numbered", "Snapshots"]
