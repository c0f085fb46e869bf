"""``GrowthClient``: the API as Python methods; what notebooks, widgets and scripts use."""

from growth_admin.client.client import GrowthClient

__all__ = ["GrowthClient"]
