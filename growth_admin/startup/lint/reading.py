"""Reads the words, assignments and redirections of a script, in the surroundings they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tree_sitter import Node

from growth_admin.startup.lint.model import (
    Assignment,
    Guard,
    Loop,
    Pipe,
    Redirect,
    Script,
    Word,
)
from growth_admin.startup.lint.outputs import printed_by
from growth_admin.startup.lint.places import UNKNOWN
from growth_admin.startup.lint.values import Resolver, Scope, first_child, text_of


@dataclass(frozen=True)
class Frame:
    """What surrounds the statement being walked."""

    lines_before: int = 0
    guards: tuple[Guard, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    loops: tuple[Loop, ...] = ()
    pipe: Pipe | None = None
    feed: tuple[str, ...] = ()
    background_line: int = 0
    is_condition: bool = False
    is_handled: bool = False
    is_subshell: bool = False
    is_substitution: bool = False
    function: str = ""
    wrappers: tuple[str, ...] = ()
    positional: tuple[Word, ...] | None = None
    depth: int = 0


class WordReader:
    """The part of a walk that knows words; what runs inside ``$(...)`` is the subclass's."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._functions: dict[str, tuple[Node, int]] = {}
        self._frame = Frame()
        self._resolver = Resolver(self._substitute)

    def _block(self, nodes: list[Node], frame: Frame, scope: Scope) -> None:
        raise NotImplementedError

    # -- words ----------------------------------------------------------------------------------

    def _line(self, node: Node, frame: Frame) -> int:
        is_late = (node.text or b"").startswith(b"\n")
        return node.start_point[0] + 1 + frame.lines_before + is_late

    def _values(self, node: Node, frame: Frame, scope: Scope) -> tuple[str, ...]:
        outer, self._frame = self._frame, frame
        try:
            return self._resolver.values(node, scope)
        finally:
            self._frame = outer

    def _word(self, node: Node, frame: Frame, scope: Scope) -> Word:
        values = self._values(node, frame, scope)
        return Word(text_of(node), values, self._line(node, frame), node.start_point[1] + 1)

    def _words(self, node: Node, frame: Frame, scope: Scope) -> list[Word]:
        """Return the word or words that a node becomes: ``"$@"`` and arrays become several."""
        raw = text_of(node).strip('"')
        if raw in {"$@", "$*", "${@}", "${*}", "${@:1}"} and frame.positional is not None:
            return list(frame.positional)
        word = self._word(node, frame, scope)
        is_array = re.fullmatch(r"\$\{\w+\[[@*]\](:[^}]*)?\}", raw) is not None
        is_bare = node.type in {"simple_expansion", "expansion"}
        if is_array:
            return [replace(word, values=(value,)) for value in word.values]
        if is_bare and len(word.values) == 1 and " " in word.value.strip():
            return [replace(word, values=(part,)) for part in word.value.split()]
        return [word]

    def _substitute(self, node: Node, scope: Scope) -> tuple[str, ...]:
        """Walk a ``$(...)`` and return what it prints."""
        frame = replace(
            self._frame,
            is_substitution=True,
            is_subshell=True,
            pipe=None,
            redirects=(),
            depth=self._frame.depth + 1,
        )
        start = len(self._script.calls)
        self._block(node.children, frame, scope.copy())
        calls = self._script.calls[start:]
        return printed_by(calls) if calls else (UNKNOWN,)

    def _redirect(
        self, node: Node, frame: Frame, scope: Scope, tails: list[Node]
    ) -> list[Redirect]:
        line = self._line(node, frame)
        fd_node = first_child(node, "file_descriptor")
        fd = int(text_of(fd_node)) if fd_node is not None and text_of(fd_node).isdigit() else None
        if node.type == "file_redirect":
            op = next((c.type for c in node.children if not c.is_named), ">")
            target = node.child_by_field_name("destination")
            word = None if target is None else self._word(target, frame, scope)
            return [Redirect(op, fd, word, None, line)]
        if node.type == "heredoc_redirect":
            body = first_child(node, "heredoc_body")
            found: list[Redirect] = []
            if body is not None:
                at = self._line(body, frame)
                found.append(Redirect("<<", None, None, text_of(body), at))
                self._script.heredocs.append(found[0])
            for child in node.children:
                if child.type in {"file_redirect", "herestring_redirect"}:
                    found.extend(self._redirect(child, frame, scope, tails))
                elif child.is_named and not child.type.startswith(("heredoc", "file_desc")):
                    tails.append(child)
            return found
        values = [self._values(child, frame, scope) for child in node.named_children]
        return [Redirect("<<<", fd, Word(text_of(node), values[0] if values else ("",), line))]

    def _assign(
        self, node: Node, frame: Frame, scope: Scope, *, is_exported: bool = False
    ) -> Assignment:
        name_node, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        name = text_of(name_node).split("[", 1)[0] if name_node is not None else ""
        values = ("",) if value is None else self._values(value, frame, scope)
        if value is not None and value.type == "array":
            values = tuple(
                v
                for c in value.named_children
                for w in self._words(c, frame, scope)
                for v in w.values
            )
        old = scope.variables.get(name, ())
        if any(child.type == "+=" for child in node.children):
            is_list = value is not None and value.type == "array"
            values = (*old, *values) if is_list else tuple(o + v for o in old for v in values)
        is_literal = value is not None and value.type in {"word", "raw_string", "number"}
        is_literal = is_literal or (
            value is not None and value.type == "string" and "$" not in text_of(value)
        )
        found = Assignment(
            name,
            text_of(value) if value else "",
            values,
            self._line(node, frame),
            is_exported,
            is_literal,
        )
        self._script.assignments.append(found)
        known = tuple(v for v in old if v != UNKNOWN) if frame.guards else ()
        scope.variables[name] = tuple(dict.fromkeys((*values, *known)))
        return found
