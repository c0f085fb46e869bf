"""Shapes of tree-sitter's bash grammar: where a condition ends, what a loop's text says."""

from __future__ import annotations

import re
from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from growth_admin.startup.lint.model import Call, Loop
from growth_admin.startup.lint.values import text_of

_ENDS = frozenset(("exit", "return", "continue", "break"))


@cache
def parser() -> Parser:
    """Return the parser for bash (its grammar reads sh as well)."""
    return Parser(Language(tree_sitter_bash.language()))


def split_if(node: Node) -> tuple[list[Node], list[Node]]:
    """Return condition and body of an ``if`` or ``elif``."""
    then = next((i for i, c in enumerate(node.children) if c.type == "then"), len(node.children))
    body = [
        c for c in node.children[then + 1 :] if c.type not in {"elif_clause", "else_clause", "fi"}
    ]
    return node.children[1:then], body


def ends_flow(nodes: list[Node]) -> bool:
    """Return whether the last statement leaves the script, the function or the round."""
    named = [node for node in nodes if node.is_named and node.type != "comment"]
    if not named:
        return False
    last = named[-1]
    if last.type in {"compound_statement", "do_group"}:
        return ends_flow(last.children)
    if last.type == "redirected_statement":
        return ends_flow(last.children[:1])
    name = last.child_by_field_name("name") if last.type == "command" else None
    return name is not None and text_of(name) in _ENDS


def split_lines(node: Node) -> list[list[Node]]:
    """Return the command's parts, cut where the grammar ran over the end of a line."""
    source, base = node.text or b"", node.start_byte
    runs: list[list[Node]] = [[]]
    end = base
    for child in node.children:
        gap = source[end - base : child.start_byte - base].replace(b"\\\n", b"")
        if (b"\n" in gap or (child.text or b"").startswith(b"\n")) and runs[-1]:
            runs.append([])
        runs[-1].append(child)
        end = child.end_byte
    return runs


def loop_of(
    kind: str, head: str, body: str, calls: tuple[Call, ...], line: int, is_background: bool
) -> Loop:
    """Return what a loop's head and body say about whether it ends."""
    condition = re.sub(r"^(while|until|for)\s+|;?\s*$", "", head).strip()
    always = {
        "while": r"true|:|/bin/true|\[+ *(1|true) *\]+|\(\( *1 *\)\)|test 1",
        "until": r"false|/bin/false|! *true|\[+ *\]+",
        "for": r"\(\([^;]*;\s*;[^;]*\)\)",
    }[kind]
    return Loop(
        kind=kind,  # type: ignore[arg-type]  # one of the three words above
        line=line,
        condition=condition,
        condition_calls=calls,
        is_endless=re.fullmatch(always, condition) is not None,
        has_way_out=re.search(r"(^|[\s;&|{(])(break|exit|return|exec)\b", body) is not None,
        has_sleep=re.search(r"\b(sleep|wait|inotifywait|read\s+-t)\b", head + body) is not None,
        counts=re.search(r"\+\+|--\s|\+=|-=|\(\(|\bexpr\b|\blet\b|SECONDS|\btimeout\b", head + body)
        is not None,
        is_background=is_background,
    )
