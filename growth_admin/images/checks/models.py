"""Checks of an image, as they are asked for."""

from __future__ import annotations

from pydantic import Field

from growth_admin.core.schema import Model


class CheckStart(Model):
    """How an image is to be checked."""

    repeats_smoke: bool = Field(
        default=False, description="run the smoke checks also where they have passed already"
    )
