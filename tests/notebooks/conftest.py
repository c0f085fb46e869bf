"""A school of its own for these tests: they change what is live."""

from tests.hub.conftest import school

__all__ = ["school"]
