"""The OAuth web flow: the login page, and the exchange of a code for a token.

After GitHub's "Authorizing OAuth apps", with PKCE (RFC 7636, S256). Two differences: the login page
asks who one wants to be, and nobody is asked for consent.
"""

import hashlib
import json
import time
from base64 import b64decode, urlsafe_b64encode
from urllib.parse import urlencode

from tornado.httputil import url_concat

from growth_admin.deploy.standins.github.credentials import OAUTH, Application, Code
from growth_admin.deploy.standins.github.pages import message_page, picker_page
from growth_admin.deploy.standins.github.refusals import Refused
from growth_admin.deploy.standins.github.web import WebPage

CODE_LIFE_S = 600
ERRORS = {
    "bad_verification_code": "The code passed is incorrect or expired.",
    "incorrect_client_credentials": "The client_id and/or client_secret passed are incorrect.",
    "redirect_uri_mismatch": "The redirect_uri MUST match the registered callback URL.",
}


class Authorize(WebPage):
    """GET shows the people to choose from; POST sends the chosen one back with a code."""

    def get(self) -> None:
        application = self._application()
        if application:
            people = self.world.people.values()
            self.finish(picker_page(application.name, list(people), self.request.query))

    def post(self) -> None:
        application = self._application()
        if not application:
            return
        try:
            person = self.world.person(self.get_body_argument("login"))
        except Refused:
            self.set_status(404)
            self.finish(message_page("No such person", "Go back and choose somebody else."))
            return
        self.sign_in(person)
        scopes = self.get_query_argument("scope", "").replace(",", " ").split()
        challenge = self.get_query_argument("code_challenge", "")
        redirect = self.get_query_argument("redirect_uri", application.callback_url)
        expires = time.time() + CODE_LIFE_S
        code = Code(
            person.id, application.client_id, redirect, sorted(set(scopes)), challenge, expires
        )
        reply = {"code": self.world.add_code(code)}
        if state := self.get_query_argument("state", ""):
            reply["state"] = state
        self.redirect(url_concat(redirect, reply))

    def _application(self) -> Application | None:
        """The application that asks, if known and asking for its own address; else a page."""
        application = self.world.applications.get(self.get_query_argument("client_id", ""))
        if not application:
            self.set_status(404)
            self.finish(message_page("Unknown application", "Its client_id is not registered."))
            return None
        redirect = self.get_query_argument("redirect_uri", application.callback_url)
        if not redirect.startswith(application.callback_url):
            self.set_status(400)
            self.finish(message_page("Be careful!", ERRORS["redirect_uri_mismatch"]))
            return None
        return application


class AccessToken(WebPage):
    """POST /login/oauth/access_token."""

    def post(self) -> None:
        given = self._given()
        code = self.world.take_code(given.get("code", ""))
        application = self.world.applications.get(given.get("client_id", ""))
        if not application or application.client_secret != given.get("client_secret", ""):
            self._reply({"error": "incorrect_client_credentials"})
        elif not code or code.client_id != application.client_id or not _proves(code, given):
            self._reply({"error": "bad_verification_code"})
        elif given.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
            self._reply({"error": "redirect_uri_mismatch"})
        else:
            person = self.world.people[code.person]
            token = self.world.add_token(
                person.id, code.scopes, client_id=code.client_id, kind=OAUTH
            )
            scope = ",".join(token.scopes)  # commas, although OAuth says blanks: as GitHub does
            self._reply({"access_token": token.value, "token_type": "bearer", "scope": scope})

    def _given(self) -> dict[str, str]:
        """The parameters, from a form or JSON, and the client from basic authentication."""
        if self.request.headers.get("Content-Type", "").startswith("application/json"):
            given = {k: str(v) for k, v in json.loads(self.request.body).items()}
        else:
            given = {k: v[-1].decode() for k, v in self.request.arguments.items()}
        scheme, _, value = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            given["client_id"], _, given["client_secret"] = b64decode(value).decode().partition(":")
        return given

    def _reply(self, body: dict[str, str]) -> None:
        """200 in every case, as GitHub does; JSON if asked for, else a form."""
        if "error" in body:
            body |= {
                "error_description": ERRORS[body["error"]],
                "error_uri": "https://docs.github.com",
            }
        if "json" in self.request.headers.get("Accept", ""):
            self.finish(body)
        else:
            self.set_header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            self.finish(urlencode(body))


def _proves(code: Code, given: dict[str, str]) -> bool:
    """Whether the verifier belongs to the challenge (no challenge: nothing to prove)."""
    if not code.challenge:
        return True
    digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == code.challenge


class Front(WebPage):
    """The front page: says what this is."""

    def get(self) -> None:
        text = "A stand-in for GitHub, for demos and tests. Log in at the school's hub."
        self.finish(message_page("Not GitHub", text))


ROUTES = [
    (r"/", Front),
    (r"/login/oauth/authorize", Authorize),
    (r"/login/oauth/access_token", AccessToken),
]
