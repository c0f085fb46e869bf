"""Packages that are tried in the organiser's own server, as notebooks and widgets use them."""

from __future__ import annotations

from growth_admin.client.transport import Transport
from growth_admin.images.tryouts import models
from growth_admin.jobs.models import Job


class TryOutsClient:
    """A quick look at packages: a kernel that has them, gone when the server ends."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_tryouts(self) -> models.TryOutList:
        """Return the tries on this server, newest first."""
        return self._transport.get(models.TryOutList, "images", "tryouts")

    def start_tryout(self, *packages: str, which: models.TryList = "pip") -> Job:
        """Begin to install packages (``"lightkurve==2.5"``) into a kernel of their own.

        ``which`` is the list that they would stand in; conda writes ``"source-extractor=2.28"``.
        Raises ``InvalidInput`` for what is no package's name, ``NotConfigured`` where packages of
        conda cannot be tried, ``Conflict`` when there are enough tries on this server already.
        """
        body = models.TryRequest(list=which, packages=packages)
        return self._transport.post(Job, "images", "tryouts", body=body)

    def delete_tryout(self, tryout: str) -> None:
        """Remove a try. Kernels that run with it go on until they are shut down.

        Raises ``NotFound``, and ``Conflict`` while it is being made.
        """
        self._transport.delete("images", "tryouts", tryout)
