"""The pages for people: logging in to the stand-in, and accepting an invitation.

Who logged in is kept in a cookie, as at GitHub; choosing somebody on the hub's login page logs in
here too.
"""

import secrets
from typing import Any
from urllib.parse import quote

from tornado import web

from growth_admin.deploy.standins.github import joining, standing
from growth_admin.deploy.standins.github.answering import date_header
from growth_admin.deploy.standins.github.organizations import Organization
from growth_admin.deploy.standins.github.pages import invitation_page, message_page, picker_page
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import Refused
from growth_admin.deploy.standins.github.weather import Sky
from growth_admin.deploy.standins.github.world import World

COOKIE = "user_session"


class WebPage(web.RequestHandler):
    """A page for people, subject to weather that reaches the web."""

    def initialize(self, world: World, sky: Sky, site: str) -> None:
        """Taken by tornado from the route."""
        self.world, self.sky, self.site = world, sky, site

    async def prepare(self) -> None:
        """Answer with the weather's failure if there is one."""
        self.world.settle()
        self.set_header("Date", date_header(self.world.clock))
        status = await self.sky.status_for("", is_web=True)
        if status:
            self.set_status(status)
            self.finish(message_page("GitHub is having a bad day", "Please try again later."))

    def finish(self, chunk: Any = None) -> Any:
        """Keep what changed, then send."""
        self.world.keep()
        return super().finish(chunk)

    def on_finish(self) -> None:
        """Note the request, so that a test can count calls."""
        self.sky.note(self.request.method or "", self.request.uri or "", "", self.get_status())

    def sign_in(self, person: Person) -> None:
        """Remember in the browser who this is."""
        session = secrets.token_hex(20)
        self.world.sessions[session] = person.id
        self.set_cookie(COOKIE, session, httponly=True, samesite="Lax")

    def visitor(self) -> Person | None:
        """Who is logged in here."""
        number = self.world.sessions.get(self.get_cookie(COOKIE) or "", 0)
        return self.world.people.get(number)

    def say(self, status: int, title: str, text: str) -> None:
        """A page with a sentence."""
        self.set_status(status)
        self.finish(message_page(title, text))


class Login(WebPage):
    """GET shows the people to choose from; POST goes to `return_to` as the chosen one."""

    def get(self) -> None:
        people = list(self.world.people.values())
        self.finish(picker_page("GitHub", people, self.request.query))

    def post(self) -> None:
        try:
            person = self.world.person(self.get_body_argument("login"))
        except Refused:
            self.say(404, "No such person", "Go back and choose somebody else.")
            return
        self.sign_in(person)
        target = self.get_query_argument("return_to", "/")
        is_ours = target.startswith("/") and not target.startswith(("//", "/\\"))
        self.redirect(target if is_ours else "/")


class Accepting(WebPage):
    """/orgs/ORG/invitation: what an invitation mail leads to."""

    def get(self, name: str) -> None:
        person, organization = self._both(name)
        if not person or not organization:
            return
        waiting = standing.pending_for(organization, person)
        if person.id in organization.members:
            self.say(200, organization.name, f"You are a member, {person.login}.")
        elif not waiting:
            text = f"There is no open invitation for {person.login}. It may have expired."
            self.say(404, "No invitation", text)
        else:
            teams = [
                team.name
                for team in organization.teams.values()
                if any(team.id in invitation.teams for invitation in waiting)
            ]
            self.finish(invitation_page(organization, person, teams))

    def post(self, name: str) -> None:
        person, organization = self._both(name)
        if not person or not organization:
            return
        is_accepted = self.get_body_argument("answer", "accept") == "accept"
        answer = joining.accept if is_accepted else joining.decline
        try:
            answer(self.world, organization, person)
        except Refused as refused:
            self.say(refused.status, "That did not work", refused.message)
            return
        if is_accepted:
            self.redirect(f"/orgs/{organization.login}/invitation")
        else:
            self.say(200, "Declined", f"You did not join {organization.name}.")

    def _both(self, name: str) -> tuple[Person | None, Organization | None]:
        """The visitor and the organization; else the reply is on its way."""
        organization = self.world.organizations.get(name.lower())
        if organization is None:
            self.say(404, "Not found", "There is no such organization.")
            return None, None
        person = self.visitor()
        if person is None:
            self.redirect(f"/login?return_to={quote(self.request.path, safe='/')}")
        return person, organization


ROUTES = [(r"/login", Login), (r"/orgs/([^/]+)/invitation", Accepting)]
