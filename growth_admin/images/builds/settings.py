"""What builds images on this server, and how."""

from __future__ import annotations

from traitlets import Dict, Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable


class ImageBuilder(LoggingConfigurable):
    """A container tool beside the console. Without one, images are built elsewhere and promoted."""

    program = Unicode(
        "",
        help="Program that builds images here: buildah, podman or docker, or a path to one. "
        "Empty: the first of these that is there. 'none': nothing is built here.",
    ).tag(config=True)
    options = List(
        Unicode(), help="Options before the verb of every command, for example --root and a folder."
    ).tag(config=True)
    build_options = List(
        Unicode(),
        help="Further options of a build, for example --isolation=chroot where containers may not "
        "be started; the steps of a build then see this server's processes.",
    ).tag(config=True)
    run_options = List(
        Unicode(),
        help="Further options for commands that are run in a built image to check it. They have "
        "no network unless a --network stands here. buildah's --isolation=chroot gives them this "
        "server's; it is taken away where this server is root with CAP_SYS_ADMIN or 'buildah "
        "unshare' works. Where neither is so the build's log says that they could use it: another "
        "isolation, or Podman, helps.",
    ).tag(config=True)
    build_arguments = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Build arguments of the Dockerfile, for example {'BASE': '...', 'CONDA': '0'}. They "
        "end up in the image's history: no secrets.",
    ).tag(config=True)
    smoke_command = List(
        Unicode(),
        default_value=["growth-smoke"],
        help="Command that is run in a built image; its end decides the check smoke.",
    ).tag(config=True)
    work_folder = Unicode(
        "", help="Folder for copies of the source while it is built. Empty: the system's own."
    ).tag(config=True)
    kept_images = Int(
        5,
        min=1,
        help="How many images of builds stay in the builder's own storage, the newest ones: their "
        "layers make the next build quick. Older ones are removed there before and after a build; "
        "at the registry nothing is removed.",
    ).tag(config=True)
    build_timeout_s = Float(5400.0, min=1, help="Seconds that a build may take.").tag(config=True)
    smoke_timeout_s = Float(
        900.0, min=1, help="Seconds that the checks in a built image may take."
    ).tag(config=True)
