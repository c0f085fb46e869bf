"""What a word of the script stands for, as far as the text tells.

A word has one or several possible values (a loop's variable has one per item). What cannot be told
is ``UNKNOWN``; a student's home is ``HOME`` however it is spelt (see ``places``).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tree_sitter import Node

from growth_admin.startup.lint.places import HOME, UNKNOWN, USER

_LIMIT = 24
"""Values kept per word: enough for a list of notebooks, too few to blow up."""

_USER_VARIABLES = ("NB_USER", "USER", "LOGNAME", "JUPYTERHUB_USER", "SUDO_USER")


@dataclass
class Scope:
    """The variables, the folder and the shell options at one point of the script."""

    variables: dict[str, tuple[str, ...]]
    cwd: str = HOME
    options: set[str] = field(default_factory=set)
    is_output_elsewhere: bool = False

    def copy(self) -> Scope:
        """Return a scope that a subshell may change without the rest noticing."""
        return Scope(dict(self.variables), self.cwd, set(self.options), self.is_output_elsewhere)


def initial_scope(shared_root: str) -> Scope:
    """Return what a start script finds: the user's home as folder, the school's variables."""
    variables: dict[str, tuple[str, ...]] = dict.fromkeys(_USER_VARIABLES, (USER,))
    variables |= {
        "HOME": (HOME,),
        "TMPDIR": ("/tmp",),
        "XDG_RUNTIME_DIR": ("/run/user",),
        "XDG_CACHE_HOME": (f"{HOME}/.cache",),
        "XDG_CONFIG_HOME": (f"{HOME}/.config",),
        "XDG_DATA_HOME": (f"{HOME}/.local/share",),
        "CONDA_DIR": ("/opt/conda",),
        "GROWTH_SHARED_ROOT": (shared_root,),
        "GROWTH_ADMIN_ROOT": ("/home/admin",),
    }
    return Scope(variables)


def text_of(node: Node) -> str:
    """Return the node's text (what is no UTF-8 is replaced)."""
    return (node.text or b"").decode("utf-8", "replace")


def first_child(node: Node, *types: str) -> Node | None:
    """Return the first child of one of the types, or None."""
    return next((child for child in node.children if child.type in types), None)


class Resolver:
    """Turns nodes into values. ``substitute`` says what a ``$(...)`` prints."""

    def __init__(self, substitute: Callable[[Node, Scope], tuple[str, ...]]) -> None:
        self._substitute = substitute

    def values(self, node: Node, scope: Scope) -> tuple[str, ...]:
        """Return every value the node may have, at least one."""
        found = self._of(node, scope)
        return tuple(dict.fromkeys(found))[:_LIMIT] or ("",)

    def _of(self, node: Node, scope: Scope) -> tuple[str, ...]:
        kind = node.type
        if kind in {"string", "concatenation", "translated_string"}:
            return self._joined(node, scope)
        if kind == "raw_string":
            return (text_of(node)[1:-1],)
        if kind == "ansi_c_string":
            return (text_of(node)[2:-1],)
        if kind == "simple_expansion":
            return self._variable(text_of(node)[1:], scope)
        if kind == "expansion":
            return self._expansion(node, scope)
        if kind in {"command_substitution", "process_substitution"}:
            return self._substitute(node, scope)
        if kind == "arithmetic_expansion":
            return (UNKNOWN,)
        if kind == "array":
            parts = [self._of(child, scope) for child in node.named_children]
            return tuple(itertools.chain.from_iterable(parts))
        return (_unquoted(text_of(node), scope),)

    def _joined(self, node: Node, scope: Scope) -> tuple[str, ...]:
        """Return the values of a string or concatenation, the text between its parts kept."""
        source, base = node.text or b"", node.start_byte
        is_string = node.type != "concatenation"
        parts: list[tuple[str, ...]] = []
        position = base + (1 if is_string else 0)
        children = [child for child in node.children if child.type not in {'"', '$"', "$"}]
        end = node.end_byte - (1 if is_string else 0)
        for child in children:
            gap = source[position - base : child.start_byte - base]
            parts.append((gap.decode("utf-8", "replace"),))
            if child.type == "string_content":
                parts.append((_string_text(text_of(child)),))
            else:
                parts.append(self._of(child, scope))
            position = max(position, child.end_byte)
        parts.append((source[position - base : end - base].decode("utf-8", "replace"),))
        joined = ("".join(choice) for choice in itertools.product(*parts))
        return tuple(itertools.islice(joined, _LIMIT))

    def _variable(self, name: str, scope: Scope) -> tuple[str, ...]:
        if name == "PWD":
            return (scope.cwd,)
        return scope.variables.get(name, (UNKNOWN,))

    def _expansion(self, node: Node, scope: Scope) -> tuple[str, ...]:
        name_node = first_child(node, "variable_name", "special_variable_name", "subscript")
        if name_node is None or text_of(node).startswith("${#"):
            return (UNKNOWN,)
        name = text_of(name_node).split("[", 1)[0]
        values = self._variable(name, scope)
        operator = next(
            (text_of(c) for c in node.children if c.type in {":-", "-", ":=", "=", "##", "%%"}), ""
        )
        if operator in {":-", "-", ":=", "="} and values == (UNKNOWN,):
            defaults = [
                c for c in node.children if c.start_byte > name_node.end_byte and c.is_named
            ]
            return self._of(defaults[0], scope) if defaults else ("",)
        if operator == "##":
            return tuple(value.rsplit("/", 1)[-1] for value in values)
        return values


def _string_text(text: str) -> str:
    return re.sub(r'\\([$`"\\])|\\\n', lambda m: m.group(1) or "", text)


def _unquoted(text: str, scope: Scope) -> str:
    """Return a bare word with its backslashes and its tilde worked out."""
    text = text.lstrip("\n")
    text = re.sub(r"\\(\n|.)", lambda m: "" if m.group(1) == "\n" else m.group(1), text)
    if text == "~" or text.startswith("~/"):
        return scope.variables.get("HOME", (HOME,))[0] + text[1:]
    if text.startswith("~+"):
        return scope.cwd + text[2:]
    match = re.match(r"^~([a-z_][a-z0-9_-]*)(.*)$", text)
    if match and match.group(1) not in {"root", "admin"}:
        return HOME + match.group(2)
    return text
