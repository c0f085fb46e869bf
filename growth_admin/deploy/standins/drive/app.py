"""From a request to its reply: find out what it is about, meet the faults, answer, note it."""

import time

from growth_admin.deploy.standins.drive import api, control, pages, web
from growth_admin.deploy.standins.drive.exchange import Exchange, Standing, html, redirect
from growth_admin.deploy.standins.drive.wire import Reply, Request

INDEX = "/_index/"
METHODS = ("GET", "HEAD", "POST")


class DriveApp:
    """Answers requests in the state that `standing` holds."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    def answer(self, request: Request) -> Reply:
        """The reply; never raises for anything that a client sends."""
        if request.path.startswith(control.PREFIX):
            return control.answer(self.standing, request)
        if request.method not in METHODS:
            return html(pages.page("Error 405", "<p>Method not allowed</p>"), 405)
        exchange, is_api = self._exchange(request)
        if not exchange:
            return self._elsewhere(request)
        exchange.hit = self.standing.faults.hit(exchange.item_id, exchange.where)
        reply = self._meet_faults(exchange, is_api=is_api)
        if reply is None:
            reply = self._answer(exchange, is_api=is_api)
        if delay := exchange.hit.get("delay"):
            reply.delay_s = delay.delay_s
        self._note(exchange, reply)
        return reply

    def _exchange(self, request: Request) -> tuple[Exchange | None, bool]:
        found = api.route(request.path)
        if found:
            where, item_id = found
            if where == "metadata" and request.query.get("alt") == "media":
                where = "media"
            if where == "list":
                item_id = api.parent_of(request.query)
            return Exchange(request, self.standing, where, item_id), True
        found = web.route(request.path, request.query)
        if not found and request.path.startswith(INDEX):
            found = "index", request.path.removeprefix(INDEX).partition("/")[0]
        return (Exchange(request, self.standing, *found) if found else None), False

    def _meet_faults(self, exchange: Exchange, *, is_api: bool) -> Reply | None:
        hit = exchange.hit
        if not hit.faults:
            return None
        if "remove" in hit and exchange.item:
            self.standing.world.remove(exchange.item)
        if away := hit.get("redirect"):
            return redirect(away.location, 302)
        return api.fail(exchange) if is_api else web.fail(exchange)

    def _answer(self, exchange: Exchange, *, is_api: bool) -> Reply:
        if is_api:
            return api.answer(exchange)
        if exchange.where == "index":
            path = exchange.request.path.removeprefix(INDEX).partition("/")[2]
            return web.index(exchange, path)
        return web.answer(exchange)

    def _elsewhere(self, request: Request) -> Reply:
        if request.path in ("/ServiceLogin", "/v3/signin/identifier"):
            return html(pages.sign_in_page())
        if request.path == "/":
            return html(pages.page("Drive's stand-in", "<p>Drive's stand-in</p>"))
        return html(pages.missing_page(), 404)

    def _note(self, exchange: Exchange, reply: Reply) -> None:
        request = exchange.request
        self.standing.faults.requests.append(
            {
                "time": time.time(),
                "method": request.method,
                "path": request.target,
                "host": request.headers.get("host", ""),
                "where": exchange.where,
                "item": exchange.item_id,
                "range": request.headers.get("range", ""),
                "if_range": request.headers.get("if-range", ""),
                "credential": exchange.credential,
                "status": reply.status,
                "length": reply.length,
            }
        )
