"""Put the stand-in together and serve it, as a process of its own."""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from growth_admin.deploy.standins.drive import sample
from growth_admin.deploy.standins.drive.app import DriveApp
from growth_admin.deploy.standins.drive.exchange import Standing
from growth_admin.deploy.standins.drive.faults import Faults
from growth_admin.deploy.standins.drive.tokens import Accounts
from growth_admin.deploy.standins.drive.wire import Connection
from growth_admin.deploy.standins.drive.world import World

BACKLOG = 512


async def serve(app: DriveApp, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the port is taken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: Connection(app.answer), host, port, backlog=BACKLOG, reuse_address=True
    )
    app.standing.site = f"http://{host}:{server.sockets[0].getsockname()[1]}"
    print(f"Drive's stand-in: {app.standing.site}", flush=True)
    await stop.wait()
    server.close()


def keep_credentials(accounts: Accounts, folder: Path, token_uri: str) -> str:
    """Accept the API key and the service account of a folder, made there if they are missing.

    Returns the account's e-mail address. The token endpoint in the key file follows `token_uri`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key_path, account_path = folder / sample.API_KEY_FILE, folder / sample.SERVICE_ACCOUNT_FILE
    if key_path.exists():
        accounts.add_api_key(key_path.read_text(encoding="ascii").strip())
    else:
        _write_secret(key_path, accounts.add_api_key() + "\n")
    if account_path.exists():
        key_file = json.loads(account_path.read_text(encoding="utf-8"))
        account = accounts.add_key_file({**key_file, "token_uri": token_uri})
    else:
        account = accounts.add_service_account(sample.ACCOUNT, token_uri)
    _write_secret(account_path, json.dumps(account.key_file, indent=2))
    return account.email


def _write_secret(path: Path, text: str) -> None:
    staged = path.with_name(f".{path.name}")
    staged.touch(mode=0o640)
    staged.write_text(text, encoding="utf-8")
    os.replace(staged, path)


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    options = _parser().parse_args(argv)
    world, faults, accounts = World(), Faults(), Accounts()
    standing = Standing(world, faults, accounts, scan_limit_bytes=options.scan_limit_bytes)
    if options.credentials:
        site = f"http://{options.host}:{options.port}"
        keep_credentials(accounts, options.credentials, f"{site}/token")
    if options.sample:
        sample.furnish(world, faults)
    if options.tree:
        world.add_tree(options.tree)
    if options.made_files:
        folder = world.add_folder(sample.MADE_FOLDER)
        world.add_made_files(options.made_files, options.made_bytes, folder)
    try:
        asyncio.run(serve(DriveApp(standing), options.host, options.port))
    except OSError as error:
        print(f"Cannot serve on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="growth-drive", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0: any")
    parser.add_argument("--sample", action="store_true", help="an observatory's sample data")
    parser.add_argument("--tree", type=Path, help="folder on disk to share as it is")
    parser.add_argument("--made-files", type=int, default=0, help="share a folder of N files")
    parser.add_argument("--made-bytes", type=int, default=20_000, help="size of each of them")
    parser.add_argument("--scan-limit-bytes", type=int, default=100 * 2**20, help="virus-scan form")
    parser.add_argument(
        "--credentials", type=Path, help="folder for an API key and a service account's key file"
    )
    return parser
