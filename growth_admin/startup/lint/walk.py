"""Reads a shell script into calls, following variables, folders, conditions and functions.

The text is parsed by tree-sitter's bash grammar and then walked in the order in which bash would
run it. Nothing is executed and no file is opened.
"""

from __future__ import annotations

from dataclasses import replace

from tree_sitter import Node

from growth_admin.startup.lint.commands import CommandReader
from growth_admin.startup.lint.model import Call, Guard, Pipe, Redirect, Script, Word
from growth_admin.startup.lint.outputs import printed_by
from growth_admin.startup.lint.places import UNKNOWN
from growth_admin.startup.lint.reading import Frame
from growth_admin.startup.lint.syntax import ends_flow, loop_of, parser, split_if
from growth_admin.startup.lint.values import Scope, first_child, initial_scope, text_of

_DEPTH_LIMIT = 24


class Walker(CommandReader):
    """Fills a ``Script`` with what a text does."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self._pipes = 0

    def run(self, text: str, first_options: frozenset[str] = frozenset()) -> None:
        """Walk the whole text; functions that nobody calls are walked at the end."""
        scope = initial_scope(self._script.shared_root)
        scope.options |= first_options
        tree = parser().parse(text.encode())
        self._collect_strings(tree.root_node)
        self._block(tree.root_node.children, Frame(), scope)
        for name in [name for name in self._functions if name not in self._entered]:
            body, before = self._functions[name]
            frame = Frame(lines_before=before, function=name, positional=())
            self._statement(body, frame, scope.copy())

    def _collect_strings(self, root: Node) -> None:
        stack = [root]
        while stack:
            node = stack.pop()
            line = node.start_point[0] + 1
            if node.type == "comment":
                self._script.comments.append((line, text_of(node)))
            elif node.type in {"string", "raw_string", "heredoc_body"}:
                self._script.strings.append((line, text_of(node)))
            stack.extend(node.children)

    # -- blocks and statements ------------------------------------------------------------------

    def _block(self, nodes: list[Node], frame: Frame, scope: Scope) -> None:
        for index, node in enumerate(nodes):
            if not node.is_named or node.type == "comment":
                continue
            following = nodes[index + 1].type if index + 1 < len(nodes) else ""
            inner = frame
            if following == "&":
                inner = replace(frame, background_line=self._line(node, frame), is_subshell=True)
            self._statement(node, inner, scope.copy() if following == "&" else scope)
            early = self._early_exit(node, frame, scope)
            if early is not None:
                frame = replace(frame, guards=(*frame.guards, early))

    def _early_exit(self, node: Node, frame: Frame, scope: Scope) -> Guard | None:
        """Return the condition that all further statements stand under, if this one may leave."""
        if node.type == "if_statement" and not first_child(node, "elif_clause", "else_clause"):
            condition, body = split_if(node)
            if ends_flow(body):
                return self._quiet_guard(condition, frame, scope, is_negated=True)
        if node.type == "list" and ends_flow([node.children[-1]]):
            is_and = any(child.type == "&&" for child in node.children)
            return self._quiet_guard([node.children[0]], frame, scope, is_negated=is_and)
        return None

    def _quiet_guard(
        self, nodes: list[Node], frame: Frame, scope: Scope, *, is_negated: bool
    ) -> Guard:
        """Return a guard without recording its calls a second time."""
        kept = len(self._script.calls), len(self._script.assignments), len(self._script.codes)
        guard = self._guard(nodes, frame, scope.copy(), is_negated=is_negated, kind="early-exit")
        del self._script.calls[kept[0] :]
        del self._script.assignments[kept[1] :]
        del self._script.codes[kept[2] :]
        return guard

    def _statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        if frame.depth > _DEPTH_LIMIT:
            return
        method = getattr(self, f"_on_{node.type}", None)
        if method is not None:
            method(node, frame, scope)
        elif node.type in {"do_group", "program", "compound_statement", "ERROR", "subshell"}:
            inner = scope
            if node.type == "subshell":
                inner, frame = scope.copy(), replace(frame, is_subshell=True)
            self._block(node.children, frame, inner)

    def _guard(
        self,
        nodes: list[Node],
        frame: Frame,
        scope: Scope,
        *,
        is_negated: bool = False,
        kind: str = "if",
    ) -> Guard:
        """Walk a condition and return it as a guard (positive unless ``is_negated``)."""
        start = len(self._script.calls)
        inner = replace(frame, is_condition=True)
        named = [node for node in nodes if node.is_named]
        self._block(nodes, inner, scope)
        if len(named) == 1 and named[0].type == "negated_command":
            is_negated = not is_negated
        text = " ".join(text_of(node) for node in named)
        calls = tuple(self._script.calls[start:])
        return Guard(calls, text, is_negated, kind)  # type: ignore[arg-type]  # one of five words

    def _on_if_statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        condition, body = split_if(node)
        guard = self._guard(condition, frame, scope)
        self._block(body, replace(frame, guards=(*frame.guards, guard)), scope)
        negated = [replace(guard, is_negated=not guard.is_negated)]
        for clause in node.children:
            if clause.type == "elif_clause":
                inner = replace(frame, guards=(*frame.guards, *negated))
                condition, body = split_if(clause)
                guard = self._guard(condition, inner, scope)
                self._block(body, replace(inner, guards=(*inner.guards, guard)), scope)
                negated.append(replace(guard, is_negated=not guard.is_negated))
            elif clause.type == "else_clause":
                inner = replace(frame, guards=(*frame.guards, *negated))
                self._block(clause.children, inner, scope)

    def _on_case_statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        value = node.child_by_field_name("value")
        start = len(self._script.calls)
        if value is not None:
            self._values(value, frame, scope)
        calls = tuple(self._script.calls[start:])
        guard = Guard(calls, text_of(value) if value else "", False, "case")
        inner = replace(frame, guards=(*frame.guards, guard))
        for item in node.children:
            if item.type == "case_item":
                close = next((i for i, c in enumerate(item.children) if c.type == ")"), 0)
                self._block(item.children[close + 1 :], inner, scope)

    def _on_list(
        self,
        node: Node,
        frame: Frame,
        scope: Scope,
        redirects: tuple[Redirect, ...] | None = None,
    ) -> None:
        left, right = node.children[0], node.children[-1]
        is_or = any(child.type == "||" for child in node.children)
        inner = replace(frame, is_condition=True, is_handled=frame.is_handled or is_or)
        guard = self._guard([left], inner, scope, is_negated=is_or, kind="list")
        frame = replace(frame, guards=(*frame.guards, guard))
        if redirects is not None:
            frame = replace(frame, redirects=redirects)
        self._statement(right, frame, scope)

    def _on_negated_command(self, node: Node, frame: Frame, scope: Scope) -> None:
        self._block(node.children, replace(frame, is_condition=True), scope)

    def _on_function_definition(self, node: Node, frame: Frame, scope: Scope) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            self._functions[text_of(name)] = (body, frame.lines_before)

    def _on_pipeline(self, node: Node, frame: Frame, scope: Scope) -> None:
        self._stages([child for child in node.children if child.is_named], frame, scope)

    def _stages(
        self,
        stages: list[Node],
        frame: Frame,
        scope: Scope,
        last_redirects: tuple[Redirect, ...] | None = None,
    ) -> None:
        self._pipes += 1
        number, feed = self._pipes, frame.feed
        for index, stage in enumerate(stages):
            pipe = Pipe(index, len(stages), "pipefail" in scope.options, number)
            start = len(self._script.calls)
            inner = replace(frame, pipe=pipe, feed=feed, is_subshell=True)
            if last_redirects is not None and pipe.is_last:
                inner = replace(inner, redirects=last_redirects)
            self._statement(stage, inner, scope.copy())
            feed = printed_by(self._script.calls[start:]) if index == 0 else feed

    # -- loops ----------------------------------------------------------------------------------

    def _on_for_statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        values: list[str] = []
        for child in node.children_by_field_name("value"):
            for word in self._words(child, frame, scope):
                values.extend(word.values)
        if variable is not None:
            scope.variables[text_of(variable)] = tuple(values[:24]) or (UNKNOWN,)
        self._loop_body(node, body, "for", (), frame, scope)

    def _on_c_style_for_statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        self._loop_body(node, node.child_by_field_name("body"), "for", (), frame, scope)

    def _on_while_statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        condition = [c for c in node.children_by_field_name("condition") if c.is_named]
        guard = self._guard(condition, frame, scope, kind="loop")
        kind = "until" if node.children[0].type == "until" else "while"
        body = node.child_by_field_name("body")
        self._loop_body(node, body, kind, guard.calls, frame, scope)

    def _loop_body(
        self,
        node: Node,
        body: Node | None,
        kind: str,
        calls: tuple[Call, ...],
        frame: Frame,
        scope: Scope,
    ) -> None:
        if body is None:
            return
        head = (node.text or b"")[: body.start_byte - node.start_byte].decode("utf-8", "replace")
        loop = loop_of(
            kind, head, text_of(body), calls, self._line(node, frame), frame.background_line > 0
        )
        self._script.loops.append(loop)
        self._block(body.children, replace(frame, loops=(*frame.loops, loop)), scope)

    # -- redirections ---------------------------------------------------------------------------

    def _on_redirected_statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        redirects: list[Redirect] = []
        tails: list[Node] = []
        feed = frame.feed
        for child in node.children_by_field_name("redirect"):
            redirects.extend(self._redirect(child, frame, scope, tails))
            target = child.named_children[-1] if child.named_children else None
            if target is not None and target.type == "process_substitution":
                feed = self._values(target, frame, scope)
        body = node.child_by_field_name("body")
        inner = replace(frame, redirects=(*redirects, *frame.redirects), feed=feed)
        if body is not None and body.type in {"list", "pipeline"} and not tails:
            self._on_last_only(body, frame, inner, scope)
        elif body is None:
            self._record(Word(">", (">",), self._line(node, frame)), (), inner, scope)
        elif tails and tails[0].type == "pipeline":
            stages = [body, *(c for c in tails[0].children if c.is_named)]
            first = replace(frame, redirects=(*redirects, *frame.redirects))
            self._stages(stages, first, scope)
        else:
            if tails:
                inner = replace(inner, is_condition=True, is_handled=True)
            self._statement(body, inner, scope)
            for tail in tails:
                self._statement(tail, frame, scope)

    def _on_last_only(self, body: Node, frame: Frame, inner: Frame, scope: Scope) -> None:
        """Walk ``a || b >f`` as bash reads it: the redirection is b's, not the whole list's."""
        if body.type == "list":
            self._on_list(body, frame, scope, inner.redirects)
        else:
            stages = [child for child in body.children if child.is_named]
            self._stages(stages, frame, scope, inner.redirects)
