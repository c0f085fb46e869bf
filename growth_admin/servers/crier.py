"""Who tells users what is going to happen to their servers, as far as this server can."""

from __future__ import annotations

from growth_admin.core.errors import GrowthError, NotConfigured
from growth_admin.jobs.engine import JobContext
from growth_admin.servers.courtesy import Rhythm
from growth_admin.servers.crew import Crew
from growth_admin.servers.herald import Herald
from growth_admin.servers.ledger import Ledger
from growth_admin.servers.models import Courtesy, Target
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.warning import RestartWarning
from growth_admin.servers.turns import Turns
from growth_admin.servers.warned import WarnedTurns


class Crier:
    """Makes the turns of a job; without notices, only for jobs that tell nobody."""

    def __init__(self, notices: NoticeManager | None, *, rhythm: Rhythm | None = None) -> None:
        self._notices = notices
        self._rhythm = rhythm or Rhythm()

    def require_ready(self) -> None:
        """Return if notices can be written now.

        Raises ``StorageUnavailable``, or ``NotConfigured`` where there are none.
        """
        self._require_notices().require_ready()

    def faults(self) -> tuple[str, ...]:
        """Return why users could not be told now, if so, in words for a plan."""
        try:
            self.require_ready()
        except GrowthError as e:
            return (f"Users cannot be told: {e.detail} {e.hint}".strip(),)
        return ()

    def turns_of(self, context: JobContext, ledger: Ledger, crew: Crew, *, own: Target) -> Turns:
        """Return when whose turn comes in this run of a job."""
        courtesy = Courtesy.model_validate(context.params.get("courtesy") or {})
        if not courtesy.warn_min:
            return Turns()
        warning = RestartWarning(self._require_notices(), user=context.job.created_by)
        herald = Herald(context.job.id, crew, warning, every_s=self._rhythm.read_s)
        took_s = context.params.get("took_s")
        return WarnedTurns(ledger, herald, courtesy, own=own, took_s=took_s, rhythm=self._rhythm)

    def _require_notices(self) -> NoticeManager:
        if self._notices is None:
            raise NotConfigured("This server has no notices.", hint="Go on without a warning.")
        return self._notices
