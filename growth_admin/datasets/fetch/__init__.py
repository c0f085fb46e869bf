"""Fetching: bytes of a source into a staging folder, resumable, verified, never half."""

from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.fetch.options import FetchOptions

__all__ = ["FetchOptions", "Fetcher"]
