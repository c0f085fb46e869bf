"""What keeps a demo from starting, in one line each."""


class CannotStart(Exception):
    """The demo cannot start or go on; the text says why and what to do."""


class Stopped(Exception):
    """Somebody asked the demo to stop while it was starting."""
