"""Any file on the web, from real servers."""

from __future__ import annotations

import base64
import gzip
import hashlib
import time
from http.server import BaseHTTPRequestHandler

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import RemoteFile, SourceProblem
from growth_admin.datasets.sources.http import HttpSource, direct_address

from .plain_server import PlainServer, Reply, ranged
from .reading import drain, fetch, look

DATA = bytes(range(256)) * 1000
PAGE = Reply(200, {"Content-Type": "text/html; charset=utf-8"}, b"<!doctype html><p>hello")


def remote(url: str, name: str = "a.bin", size: int | None = None) -> RemoteFile:
    return RemoteFile(name, {"url": url}, size)


def test_link_when_looked_at_then_name_size_and_validator_are_told(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.file("/d/a%20b.bin", DATA, Last_Modified="Mon, 21 Sep 2026 14:13:20 GMT")
    listing = look(source, url)
    (file,) = listing.files
    assert (file.path, file.size_bytes, file.validator) == ("a b.bin", len(DATA), '"v1"')
    assert listing.modified == "2026-09-21T14:13:20Z"
    assert any("http://" in warning for warning in listing.warnings)
    assert [method for method, _, _ in server.seen] == ["HEAD"]
    assert server.seen[0][2]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("status", [403, 405, 404, 501])
def test_link_when_head_is_refused_then_one_byte_is_asked_for(
    server: PlainServer, source: HttpSource, status: int
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> Reply:
        if handler.command == "HEAD":
            return Reply(status)
        return ranged(handler, DATA, {"ETag": '"v1"'})

    listing = look(source, server.on("/a.bin", answer))
    assert listing.size_bytes == len(DATA)
    assert server.seen[-1][2]["Range"] == "bytes=0-0"


def test_link_when_the_file_is_empty_then_its_size_is_zero(
    server: PlainServer, source: HttpSource
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> Reply:
        return Reply(405) if handler.command == "HEAD" else ranged(handler, b"", {})

    listing = look(source, server.on("/a.bin", answer))
    assert listing.size_bytes == 0
    assert fetch(source, listing.files[0]) == b""


@pytest.mark.parametrize(
    ("headers", "algorithm"),
    [
        ({"Repr-Digest": "sha-256=:{sha256}:"}, "sha256"),
        ({"Digest": "MD5={md5},SHA-256={sha256}"}, "sha256"),
        ({"Digest": "SHA={sha1}"}, "sha1"),
        ({"Content-MD5": "{md5}"}, "md5"),
        ({"x-goog-hash": "crc32c=n03x6A==,md5={md5}"}, "md5"),
        ({"Content-Digest": "sha-512=:{sha512}:"}, "sha512"),
        ({"Repr-Digest": "sha-256=:AAAA:"}, ""),
    ],
)
def test_link_when_the_server_sends_a_digest_then_it_is_the_checksum(
    server: PlainServer, source: HttpSource, headers: dict[str, str], algorithm: str
) -> None:
    digests = {
        name: base64.b64encode(hashlib.new(name, DATA).digest()).decode()
        for name in ("md5", "sha1", "sha256", "sha512")
    }
    sent = {key: value.format(**digests) for key, value in headers.items()}
    (file,) = look(source, server.on("/a.bin", Reply(200, sent, DATA))).files
    if not algorithm:
        assert file.checksum is None
        return
    assert file.checksum == (algorithm, hashlib.new(algorithm, DATA).hexdigest())


def test_link_when_it_opens_a_page_then_it_is_no_data(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.on("/dataset", PAGE)
    with pytest.raises(SourceProblem) as refused:
        look(source, url)
    assert refused.value.code == "web_page"
    with pytest.raises(SourceProblem) as refused:
        source.open(remote(url))
    assert refused.value.code == "web_page"


def test_link_when_a_page_was_asked_for_by_name_then_it_is_data(
    server: PlainServer, source: HttpSource
) -> None:
    listing = look(source, server.on("/report.html", PAGE))
    assert fetch(source, listing.files[0]).startswith(b"<!doctype")


@pytest.mark.parametrize(
    ("status", "code", "is_retryable"),
    [
        (401, "refused", False),
        (403, "refused", False),
        (404, "not_found", False),
        (410, "not_found", False),
        (429, "quota_client", True),
        (500, "unreachable", True),
        (503, "unreachable", True),
        (418, "refused", False),
    ],
)
def test_open_when_the_server_refuses_then_the_problem_has_its_word(
    server: PlainServer, source: HttpSource, status: int, code: str, is_retryable: bool
) -> None:
    url = server.on("/a.bin", Reply(status, {"Retry-After": "7"}))
    with pytest.raises(SourceProblem) as refused:
        source.open(remote(url))
    problem = refused.value
    assert (problem.code, problem.is_retryable) == (code, is_retryable)
    assert problem.hint
    if is_retryable:
        assert problem.retry_after_s == 7


def test_open_when_resumed_then_only_the_rest_comes(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.file("/a.bin", DATA)
    opened = source.open(remote(url), start=1000, validator='"v1"')
    assert (opened.start, opened.total_bytes, opened.is_ranged) == (1000, len(DATA), True)
    assert drain(opened) == DATA[1000:]
    assert server.seen[-1][2]["If-Range"] == '"v1"'


def test_open_when_an_end_is_given_then_it_is_exclusive(
    server: PlainServer, source: HttpSource
) -> None:
    assert fetch(source, remote(server.file("/a.bin", DATA)), start=10, end=20) == DATA[10:20]


def test_open_when_the_file_changed_then_it_begins_at_zero(
    server: PlainServer, source: HttpSource
) -> None:
    opened = source.open(remote(server.file("/a.bin", DATA)), start=9, validator='"old"')
    assert (opened.start, opened.validator) == (0, '"v1"')
    assert drain(opened) == DATA


def test_open_when_all_is_there_already_then_nothing_more_comes(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.file("/a.bin", DATA)
    opened = source.open(remote(url), start=len(DATA), validator='"v1"')
    assert (opened.start, opened.total_bytes, drain(opened)) == (len(DATA), len(DATA), b"")


def test_open_when_the_file_got_shorter_then_it_begins_at_zero(
    server: PlainServer, source: HttpSource
) -> None:
    opened = source.open(remote(server.file("/a.bin", b"short")), start=9, validator='"v1"')
    assert (opened.start, drain(opened)) == (0, b"short")


def test_open_when_ranges_are_ignored_then_it_begins_at_zero(
    server: PlainServer, source: HttpSource
) -> None:
    opened = source.open(remote(server.on("/a.bin", Reply(200, {}, DATA))), start=5)
    assert (opened.start, opened.is_ranged, drain(opened)) == (0, False, DATA)


@pytest.mark.parametrize(
    "said",
    [
        "bytes 6-{last}/{size}",
        "bytes 5-{last}/3",
        "bytes 5-{size}/{size}",
        "",
        "bytes */{size}",
        "bytes 5-4/{size}",
        "pages 5-{last}/{size}",
    ],
)
def test_open_when_the_range_is_another_then_it_is_a_problem(
    server: PlainServer, source: HttpSource, said: str
) -> None:
    header = said.format(last=len(DATA) - 1, size=len(DATA))
    url = server.on("/a.bin", Reply(206, {"Content-Range": header}, DATA[5:]))
    with pytest.raises(SourceProblem) as refused:
        source.open(remote(url), start=5)
    assert refused.value.code == "wrong_range"


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"strong"'}, '"strong"'),
        ({"ETag": 'W/"weak"'}, ""),
        ({"Last-Modified": "Mon, 21 Sep 2026 14:13:20 GMT"}, "Mon, 21 Sep 2026 14:13:20 GMT"),
        (
            {
                "ETag": 'W/"weak"',
                "Last-Modified": "Mon, 21 Sep 2026 14:13:20 GMT",
                "Date": "Mon, 21 Sep 2026 14:13:20 GMT",
            },
            "",
        ),
        ({}, ""),
    ],
)
def test_open_when_validators_differ_then_only_a_strong_one_is_good_for_resume(
    server: PlainServer, source: HttpSource, headers: dict[str, str], validator: str
) -> None:
    opened = source.open(remote(server.on("/a.bin", Reply(200, headers, DATA))))
    opened.close()
    assert opened.validator == validator


@pytest.mark.parametrize("at_byte", [0, 1, 5000])
def test_body_when_truncated_then_what_came_is_given_and_the_problem_follows(
    server: PlainServer, source: HttpSource, at_byte: int
) -> None:
    reply = Reply(200, {"Content-Length": str(len(DATA))}, DATA[:at_byte], closes=True)
    opened = source.open(remote(server.on("/a.bin", reply)))
    buffer = memoryview(bytearray(1 << 20))
    got = b""
    with pytest.raises(SourceProblem) as refused:
        while count := opened.readinto(buffer):
            got += bytes(buffer[:count])
    opened.close()
    assert got == DATA[:at_byte]
    assert (refused.value.code, refused.value.is_retryable) == ("short_body", True)


def chunked(data: bytes, *, is_whole: bool = True) -> Reply:
    pieces = [data[i : i + 7000] for i in range(0, len(data), 7000)]
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return Reply(
        200,
        {"Transfer-Encoding": "chunked"},
        body + (b"0\r\n\r\n" if is_whole else b""),
        not is_whole,
    )


def test_body_when_chunked_then_all_of_it_comes_and_the_connection_is_kept(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.on("/a.bin", chunked(DATA))
    for _ in range(3):
        opened = source.open(remote(url))
        assert opened.total_bytes is None
        assert drain(opened) == DATA
    assert server.connections == 1


def test_body_when_chunked_and_cut_then_it_is_a_problem(
    server: PlainServer, source: HttpSource
) -> None:
    opened = source.open(remote(server.on("/a.bin", chunked(DATA, is_whole=False))))
    with pytest.raises(SourceProblem) as refused:
        drain(opened)
    assert refused.value.is_retryable


def test_connection_when_bodies_are_read_to_their_end_then_one_serves_all(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.file("/a.bin", DATA)
    for _ in range(20):
        assert fetch(source, remote(url)) == DATA
    assert server.connections == 1


def test_connection_when_a_body_is_left_unread_then_it_is_closed(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.file("/a.bin", DATA * 40)
    opened = source.open(remote(url))
    opened.readinto(memoryview(bytearray(10)))
    opened.close()
    assert fetch(source, remote(url), end=5) == DATA[:5]
    assert server.connections == 2


def test_gzip_when_nobody_asked_for_it_then_the_file_comes_out_and_cannot_be_resumed(
    server: PlainServer, source: HttpSource
) -> None:
    reply = Reply(200, {"Content-Encoding": "gzip", "ETag": '"v1"'}, gzip.compress(DATA))
    url = server.on("/a.bin", reply)
    assert look(source, url).size_bytes is None
    opened = source.open(remote(url))
    assert (opened.total_bytes, opened.validator, opened.is_ranged) == (None, "", False)
    assert drain(opened, buffer_bytes=1000) == DATA


def test_gzip_when_in_several_members_then_all_come_out(
    server: PlainServer, source: HttpSource
) -> None:
    body = gzip.compress(DATA) + gzip.compress(b"tail")
    url = server.on("/a.bin", Reply(200, {"Content-Encoding": "gzip"}, body))
    assert fetch(source, remote(url)) == DATA + b"tail"


@pytest.mark.parametrize("wraps", [1, 2])
def test_gzip_when_the_file_is_named_gz_then_the_file_as_named_comes_out(
    server: PlainServer, source: HttpSource, wraps: int
) -> None:
    packed = gzip.compress(DATA)
    body = packed if wraps == 1 else gzip.compress(packed)
    url = server.on("/a.fits.gz", Reply(200, {"Content-Encoding": "x-gzip"}, body))
    assert fetch(source, remote(url, "a.fits.gz")) == packed


def test_gzip_when_its_end_is_missing_then_it_is_a_problem(
    server: PlainServer, source: HttpSource
) -> None:
    body = gzip.compress(DATA)[:-20]
    opened = source.open(
        remote(server.on("/a.bin", Reply(200, {"Content-Encoding": "gzip"}, body)))
    )
    with pytest.raises(SourceProblem) as refused:
        drain(opened)
    assert refused.value.code == "short_body"


def test_encoding_when_unknown_then_it_is_refused(server: PlainServer, source: HttpSource) -> None:
    url = server.on("/a.bin", Reply(200, {"Content-Encoding": "br"}, b"xxxx"))
    with pytest.raises(SourceProblem) as refused:
        source.open(remote(url))
    assert refused.value.code == "refused"


def test_redirects_when_they_end_at_a_file_then_it_is_taken(
    server: PlainServer, source: HttpSource
) -> None:
    server.file("/real/data.bin", DATA)
    server.on("/two", Reply(307, {"Location": "real/data.bin"}))
    url = server.on("/get", Reply(302, {"Location": "/two"}))
    listing = look(source, url)
    assert listing.name == "data.bin"
    assert fetch(source, listing.files[0]) == DATA
    assert server.connections == 1


def test_redirect_when_its_own_body_is_long_then_nobody_reads_it(
    server: PlainServer, source: HttpSource
) -> None:
    server.file("/a.bin", DATA)
    reply = Reply(302, {"Location": "/a.bin", "Content-Length": "9000000000"}, b"x" * 1000)
    begun = time.monotonic()
    assert fetch(source, remote(server.on("/get", reply))) == DATA
    assert time.monotonic() - begun < 2


def test_redirect_when_it_sets_a_cookie_then_the_next_request_brings_it(
    server: PlainServer, source: HttpSource
) -> None:
    server.file("/a.bin", DATA)
    url = server.on("/get", Reply(302, {"Location": "/a.bin", "Set-Cookie": "ticket=7; Path=/"}))
    assert fetch(source, remote(url)) == DATA
    assert server.seen[-1][2]["Cookie"] == "ticket=7"


def test_redirects_when_they_never_end_then_it_is_a_problem(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.on("/get", Reply(302, {"Location": "/get"}))
    with pytest.raises(SourceProblem) as refused:
        look(source, url)
    assert refused.value.code == "refused"
    assert len(server.seen) == 11


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/a", "gopher://x/"])
def test_redirect_when_it_leaves_the_web_then_it_is_refused(
    server: PlainServer, source: HttpSource, target: str
) -> None:
    with pytest.raises(SourceProblem) as refused:
        look(source, server.on("/get", Reply(302, {"Location": target})))
    assert refused.value.code == "address_refused"


def test_link_when_it_holds_a_password_then_it_is_refused_and_not_told(
    server: PlainServer, source: HttpSource
) -> None:
    with pytest.raises(InvalidInput) as refused:
        look(source, server.url.replace("http://", "http://me:s3cret@") + "/a.bin")
    assert "s3cret" not in refused.value.detail + refused.value.hint
    assert server.connections == 0


def test_link_when_it_carries_a_token_then_no_message_tells_it(
    server: PlainServer, source: HttpSource
) -> None:
    url = server.file("/a.bin", DATA) + "?X-Amz-Signature=s3cret"
    listing = look(source, url)
    assert "s3cret" not in listing.link + listing.title + str(listing.warnings)
    server.server.shutdown()
    server.server.server_close()
    with pytest.raises(SourceProblem) as refused:
        HttpSource(allow_private_addresses=True, timeout_s=2).open(remote(url))
    assert "s3cret" not in refused.value.detail + refused.value.hint
    assert refused.value.code == "unreachable"
    assert refused.value.is_retryable


def test_server_when_it_says_nothing_then_the_wait_has_an_end(server: PlainServer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> Reply:
        handler.rfile.read(1)
        return Reply()

    source = HttpSource(allow_private_addresses=True, timeout_s=0.3)
    with pytest.raises(SourceProblem) as refused:
        source.open(remote(server.on("/a.bin", answer)))
    assert (refused.value.code, refused.value.is_retryable) == ("unreachable", True)
    assert "in time" in refused.value.detail


def test_name_when_nobody_knows_the_server_then_it_is_said(source: HttpSource) -> None:
    with pytest.raises(SourceProblem) as refused:
        look(source, "https://no-such-server.invalid/a.bin")
    assert refused.value.code == "unreachable"
    assert "no-such-server.invalid" in refused.value.detail


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (
            "https://github.com/skyportal/data/blob/main/d/a%20b.csv?plain=1#L3",
            "https://github.com/skyportal/data/raw/main/d/a%20b.csv",
        ),
        (
            "https://github.com/skyportal/data/tree/main",
            "https://github.com/skyportal/data/tree/main",
        ),
        (
            "https://www.dropbox.com/scl/fi/x/a.zip?rlkey=k&dl=0",
            "https://www.dropbox.com/scl/fi/x/a.zip?rlkey=k&dl=1",
        ),
        ("https://example.org/o/r/blob/x?dl=0", "https://example.org/o/r/blob/x?dl=0"),
    ],
)
def test_page_about_a_file_when_well_known_then_the_file_itself_is_asked_for(
    link: str, address: str
) -> None:
    assert direct_address(link) == address
