"""A real Kubernetes for the tests of this folder, which is left out unless it is asked for.

`make test-kubernetes` asks for it: ``__main__`` builds what is needed and runs pytest inside
namespaces. `make test` names no folder, so nothing of this one is collected there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.engine import CACHE

INSIDE = "GROWTH_KUBERNETES_PROGRAMS"
"""Set inside the namespaces: the folder with Kubernetes' programs."""
HERE = Path(__file__).parent
TEST_S = 1800
LOGS = CACHE / "kubernetes" / "logs"

if os.environ.get(INSIDE):
    from tests.container.engine import Engine
    from tests.images.registry import RealRegistry, running_registry
    from tests.kubernetes.node import Node, running_node
    from tests.kubernetes.pictures import NEWER, SANDBOX, SCHOOL, push
    from tests.kubernetes.school import ClusterSchool, running_school


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the folder out unless it, or a file in it, is named."""
    named = (Path(config.invocation_params.dir, word.split("::")[0]) for word in config.args)
    if not any(place.resolve() == HERE or HERE in place.resolve().parents for place in named):
        return True
    if not os.environ.get(INSIDE):
        raise pytest.UsageError("These tests run by `make test-kubernetes`, as root.")
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first waits for the cluster."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(TEST_S))


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """The school's registry with two images, of which `deploy` is the first."""
    engine = Engine(tmp_path_factory.mktemp("engine"))
    with running_registry(tmp_path_factory.mktemp("registry")) as running:
        for image, tag in ((SCHOOL, "git-1"), (NEWER, "git-2")):
            push(engine, running, image, f"school/notebook:{tag}")
        push(engine, running, SANDBOX, "growth/sandbox:1")
        running.tag("deploy", running.digest("git-1"))
        yield running


@pytest.fixture(scope="session")
def node(registry: RealRegistry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The cluster. Its logs are kept in the cache until the next run."""
    folder = Path("/var/lib/growth-kube")  # in memory
    try:
        sandbox = f"{registry.host}/growth/sandbox:1"
        with running_node(folder, Path(os.environ[INSIDE]), sandbox) as running:
            yield running
    finally:
        LOGS.mkdir(exist_ok=True)
        for log in [*folder.glob("*.log"), *tmp_path_factory.getbasetemp().rglob("hub.log")]:
            shutil.copy(log, LOGS)


@pytest.fixture(scope="session")
def school(
    node: Node, registry: RealRegistry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClusterSchool]:
    """A school on it, rendered from answers, with its hub."""
    with running_school(tmp_path_factory.mktemp("school"), node, registry) as running:
        yield running
