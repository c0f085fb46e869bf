"""Uploads through a real hub's proxy: addresses, large pieces, cookies, a TA's own server."""

from __future__ import annotations

import hashlib
import random

from tests.datasets.tus_speech import BODY, checksum, metadata
from tests.hub.school import School

TA = "Priya-N"
PIECE_BYTES = 24 * 1024 * 1024
DATA = random.Random(9).randbytes(2 * PIECE_BYTES)


def test_upload_when_a_ta_sends_it_through_the_proxy_then_the_bytes_are_the_same(
    school: School,
) -> None:
    name = TA.lower()
    browser = school.login(TA)
    school.start(name)
    assert school.open_lab(browser, name).status_code == 200
    base = school.server_url(name)
    tus = {"Tus-Resumable": "1.0.0", **browser.xsrf(f"/user/{name}/")}
    made = browser.request(
        "POST",
        f"{base}/growth/api/datasets/uploads",
        headers={
            **tus,
            "Upload-Length": str(len(DATA)),
            "Upload-Metadata": metadata(filename="a.fits"),
        },
    )
    assert made.status_code == 201, made.text
    assert made.headers["Location"].startswith(f"/user/{name}/growth/api/datasets/uploads/")
    url = base.removesuffix(f"/user/{name}") + made.headers["Location"]
    for first in (0, PIECE_BYTES):
        piece = DATA[first : first + PIECE_BYTES]
        reply = browser.request(
            "PATCH",
            url,
            data=piece,
            headers={
                **tus,
                "Content-Type": BODY,
                "Upload-Offset": str(first),
                "Upload-Checksum": checksum(piece),
            },
        )
        assert reply.status_code == 204, reply.text
    found = browser.get(url).json()
    assert found["is_complete"] and found["created_by"] == name
    assert found["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert browser.request("DELETE", url, headers=tus).status_code == 204
