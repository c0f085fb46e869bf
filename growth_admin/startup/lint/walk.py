"""Reads a shell script into calls, following variables, folders, conditions and functions.

The text is parsed by tree-sitter's bash grammar and then walked in the order in which bash would
run it. Nothing is executed and no file is opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from growth_admin.startup.lint.model import (
    Assignment,
    Call,
    Code,
    Guard,
    Loop,
    Pipe,
    Redirect,
    Script,
    Word,
)
from growth_admin.startup.lint.outputs import found_by, printed_by
from growth_admin.startup.lint.places import UNKNOWN, normal
from growth_admin.startup.lint.unwrap import basename, unwrap
from growth_admin.startup.lint.values import (
    Resolver,
    Scope,
    first_child,
    initial_scope,
    text_of,
)

_DEPTH = 6
_SHELLS = frozenset(("bash", "sh", "dash", "ksh", "zsh"))
_ENDS = frozenset(("exit", "return", "continue", "break"))


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


@dataclass(frozen=True)
class _Frame:
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


class Walker:
    """Fills a ``Script`` with what a text does."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._functions: dict[str, tuple[Node, int]] = {}
        self._entered: set[str] = set()
        self._frame = _Frame()
        self._pipes = 0
        self._resolver = Resolver(self._substitute)

    def run(self, text: str, first_options: frozenset[str] = frozenset()) -> None:
        """Walk the whole text; functions that nobody calls are walked at the end."""
        scope = initial_scope(self._script.shared_root)
        scope.options |= first_options
        tree = _parser().parse(text.encode())
        self._collect_strings(tree.root_node)
        self._block(tree.root_node.children, _Frame(), scope)
        for name in [name for name in self._functions if name not in self._entered]:
            body, before = self._functions[name]
            frame = _Frame(lines_before=before, function=name, positional=())
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

    def _block(self, nodes: list[Node], frame: _Frame, scope: Scope) -> None:
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

    def _early_exit(self, node: Node, frame: _Frame, scope: Scope) -> Guard | None:
        """Return the condition that all further statements stand under, if this one may leave."""
        if node.type == "if_statement" and not first_child(node, "elif_clause", "else_clause"):
            condition, body = _split_if(node)
            if _ends_flow(body):
                return self._quiet_guard(condition, frame, scope, is_negated=True)
        if node.type == "list" and _ends_flow([node.children[-1]]):
            is_and = any(child.type == "&&" for child in node.children)
            return self._quiet_guard([node.children[0]], frame, scope, is_negated=is_and)
        return None

    def _quiet_guard(
        self, nodes: list[Node], frame: _Frame, scope: Scope, *, is_negated: bool
    ) -> Guard:
        """Return a guard without recording its calls a second time."""
        kept = len(self._script.calls), len(self._script.assignments), len(self._script.codes)
        guard = self._guard(nodes, frame, scope.copy(), is_negated=is_negated, kind="early-exit")
        del self._script.calls[kept[0] :]
        del self._script.assignments[kept[1] :]
        del self._script.codes[kept[2] :]
        return guard

    def _statement(self, node: Node, frame: _Frame, scope: Scope) -> None:
        if frame.depth > _DEPTH * 4:
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
        frame: _Frame,
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

    def _on_if_statement(self, node: Node, frame: _Frame, scope: Scope) -> None:
        condition, body = _split_if(node)
        guard = self._guard(condition, frame, scope)
        self._block(body, replace(frame, guards=(*frame.guards, guard)), scope)
        negated = [replace(guard, is_negated=not guard.is_negated)]
        for clause in node.children:
            if clause.type == "elif_clause":
                inner = replace(frame, guards=(*frame.guards, *negated))
                condition, body = _split_if(clause)
                guard = self._guard(condition, inner, scope)
                self._block(body, replace(inner, guards=(*inner.guards, guard)), scope)
                negated.append(replace(guard, is_negated=not guard.is_negated))
            elif clause.type == "else_clause":
                inner = replace(frame, guards=(*frame.guards, *negated))
                self._block(clause.children, inner, scope)

    def _on_case_statement(self, node: Node, frame: _Frame, scope: Scope) -> None:
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
        frame: _Frame,
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

    def _on_negated_command(self, node: Node, frame: _Frame, scope: Scope) -> None:
        self._block(node.children, replace(frame, is_condition=True), scope)

    def _on_function_definition(self, node: Node, frame: _Frame, scope: Scope) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            self._functions[text_of(name)] = (body, frame.lines_before)

    def _on_pipeline(self, node: Node, frame: _Frame, scope: Scope) -> None:
        self._stages([child for child in node.children if child.is_named], frame, scope)

    def _stages(
        self,
        stages: list[Node],
        frame: _Frame,
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

    def _on_for_statement(self, node: Node, frame: _Frame, scope: Scope) -> None:
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        values: list[str] = []
        for child in node.children_by_field_name("value"):
            for word in self._words(child, frame, scope):
                values.extend(word.values)
        if variable is not None:
            scope.variables[text_of(variable)] = tuple(values[:24]) or (UNKNOWN,)
        self._loop_body(node, body, "for", (), frame, scope)

    def _on_c_style_for_statement(self, node: Node, frame: _Frame, scope: Scope) -> None:
        self._loop_body(node, node.child_by_field_name("body"), "for", (), frame, scope)

    def _on_while_statement(self, node: Node, frame: _Frame, scope: Scope) -> None:
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
        frame: _Frame,
        scope: Scope,
    ) -> None:
        if body is None:
            return
        head = (node.text or b"")[: body.start_byte - node.start_byte].decode("utf-8", "replace")
        loop = _loop_of(node, kind, head, text_of(body), calls, frame)
        self._script.loops.append(loop)
        self._block(body.children, replace(frame, loops=(*frame.loops, loop)), scope)

    # -- redirections ---------------------------------------------------------------------------

    def _on_redirected_statement(self, node: Node, frame: _Frame, scope: Scope) -> None:
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

    def _on_last_only(self, body: Node, frame: _Frame, inner: _Frame, scope: Scope) -> None:
        """Walk ``a || b >f`` as bash reads it: the redirection is b's, not the whole list's."""
        if body.type == "list":
            self._on_list(body, frame, scope, inner.redirects)
        else:
            stages = [child for child in body.children if child.is_named]
            self._stages(stages, frame, scope, inner.redirects)

    def _redirect(
        self, node: Node, frame: _Frame, scope: Scope, tails: list[Node]
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

    # -- words ----------------------------------------------------------------------------------

    def _line(self, node: Node, frame: _Frame) -> int:
        is_late = (node.text or b"").startswith(b"\n")
        return node.start_point[0] + 1 + frame.lines_before + is_late

    def _values(self, node: Node, frame: _Frame, scope: Scope) -> tuple[str, ...]:
        outer, self._frame = self._frame, frame
        try:
            return self._resolver.values(node, scope)
        finally:
            self._frame = outer

    def _word(self, node: Node, frame: _Frame, scope: Scope) -> Word:
        values = self._values(node, frame, scope)
        return Word(text_of(node), values, self._line(node, frame), node.start_point[1] + 1)

    def _words(self, node: Node, frame: _Frame, scope: Scope) -> list[Word]:
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

    # -- commands -------------------------------------------------------------------------------

    def _on_variable_assignment(self, node: Node, frame: _Frame, scope: Scope) -> None:
        self._assign(node, frame, scope)

    def _on_variable_assignments(self, node: Node, frame: _Frame, scope: Scope) -> None:
        for child in node.named_children:
            self._assign(child, frame, scope)

    def _on_declaration_command(self, node: Node, frame: _Frame, scope: Scope) -> None:
        keyword = node.children[0].type if node.children else ""
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._assign(child, frame, scope, is_exported=keyword == "export")

    def _assign(
        self, node: Node, frame: _Frame, scope: Scope, *, is_exported: bool = False
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

    def _on_unset_command(self, node: Node, frame: _Frame, scope: Scope) -> None:
        return

    def _on_test_command(self, node: Node, frame: _Frame, scope: Scope) -> None:
        words: list[Word] = []
        self._test_words(node, frame, scope, words)
        self._record(Word("[", ("[",), self._line(node, frame)), tuple(words), frame, scope)

    def _test_words(self, node: Node, frame: _Frame, scope: Scope, words: list[Word]) -> None:
        for child in node.children:
            if child.type.endswith("_expression"):
                self._test_words(child, frame, scope, words)
            elif child.is_named or child.type not in {"[", "]", "[[", "]]", "((", "))"}:
                words.append(self._word(child, frame, scope))

    def _on_command(self, node: Node, frame: _Frame, scope: Scope) -> None:
        for children in _split_lines(node):
            self._one_command(children, frame, scope)

    def _one_command(self, children: list[Node], frame: _Frame, scope: Scope) -> None:
        words: list[Word] = []
        assignments: list[Assignment] = []
        redirects: list[Redirect] = []
        for child in children:
            if child.type == "variable_assignment":
                assignments.append(self._assign(child, frame, scope.copy()))
            elif child.type.endswith("_redirect"):
                redirects.extend(self._redirect(child, frame, scope, []))
            elif child.type == "command_name":
                words.extend(w for c in child.children for w in self._words(c, frame, scope))
            elif child.is_named or child.type not in {"(", ")"}:
                words.extend(self._words(child, frame, scope))
        frame = replace(frame, redirects=(*redirects, *frame.redirects))
        if not words:
            return
        names = tuple(f"{a.name}={a.values[0] if a.values else ''}" for a in assignments)
        self._invoke(tuple(words), names, frame, scope)

    def _invoke(
        self, words: tuple[Word, ...], assigned: tuple[str, ...], frame: _Frame, scope: Scope
    ) -> None:
        """Take a command apart, record it, and follow where it leads."""
        bare = unwrap(words, frozenset(self._functions))
        if not bare.words:
            return
        program, args = bare.words[0], bare.words[1:]
        wrappers = (*bare.wrappers, *frame.wrappers)
        args = _with_feed(args, bare.wrappers, bare.wrapper_words, frame.feed, program.line)
        inner = replace(frame, wrappers=wrappers)
        if "coproc" in bare.wrappers:
            inner = replace(inner, background_line=program.line)
        name = basename(program)
        body = self._functions.get(name)
        if body is not None and frame.depth < _DEPTH:
            self._enter(name, body, args, inner, scope)
            return
        call = self._record(
            program, args, inner, scope, bare.wrapper_words, (*assigned, *bare.assignments)
        )
        self._effects(call, inner, scope)

    def _record(
        self,
        program: Word,
        args: tuple[Word, ...],
        frame: _Frame,
        scope: Scope,
        wrapper_words: tuple[str, ...] = (),
        assignments: tuple[str, ...] = (),
    ) -> Call:
        name = basename(program)
        if name == "test":
            name = "["
        own = tuple(r for r in frame.redirects)
        outer = (Redirect("&>", None),) if scope.is_output_elsewhere else ()
        call = Call(
            name=name,
            program=program,
            args=args,
            line=program.line,
            column=program.column,
            cwd=scope.cwd,
            wrappers=frame.wrappers,
            wrapper_words=wrapper_words,
            assignments=assignments,
            redirects=own,
            outer_redirects=outer,
            guards=frame.guards,
            loops=frame.loops,
            pipe=frame.pipe,
            feed=frame.feed,
            background_line=frame.background_line,
            is_condition=frame.is_condition,
            is_handled=frame.is_handled,
            is_subshell=frame.is_subshell,
            is_substitution=frame.is_substitution,
            has_errexit="errexit" in scope.options,
            function=frame.function,
            order=len(self._script.calls),
        )
        self._script.calls.append(call)
        return call

    def _enter(
        self, name: str, body: tuple[Node, int], args: tuple[Word, ...], frame: _Frame, scope: Scope
    ) -> None:
        """Walk a function's body with the arguments of this call."""
        self._entered.add(name)
        saved = {k: v for k, v in scope.variables.items() if k.isdigit()}
        for key in saved:
            del scope.variables[key]
        for index, word in enumerate(args, 1):
            scope.variables[str(index)] = word.values
        inner = replace(
            frame,
            lines_before=body[1],
            function=name,
            positional=args,
            depth=frame.depth + 1,
            wrappers=frame.wrappers,
        )
        self._statement(body[0], inner, scope)
        for index in range(1, len(args) + 1):
            scope.variables.pop(str(index), None)
        scope.variables |= saved

    def _effects(self, call: Call, frame: _Frame, scope: Scope) -> None:
        """Follow what a builtin or an interpreter does to the rest of the walk."""
        name, values = call.name, call.values
        if name in {"cd", "pushd"}:
            target = call.operands[0].value if call.operands else "~"
            scope.cwd = normal("/home/~" if target == "~" else target, scope.cwd)
        elif name == "set":
            _set_options(values, scope)
        elif name in {"read", "mapfile", "readarray"}:
            for word in call.operands:
                scope.variables[word.value] = frame.feed or (UNKNOWN,)
        elif name == "shift" and frame.positional:
            self._shift(frame, scope)
        elif name == "exec" and not call.args:
            frees = any(r.frees_stdout for r in call.redirects)
            scope.is_output_elsewhere = scope.is_output_elsewhere or frees
        elif name == "find":
            self._find_exec(call, frame, scope)
        else:
            self._inner_text(call, frame, scope)

    def _shift(self, frame: _Frame, scope: Scope) -> None:
        assert frame.positional is not None
        rest = [scope.variables.get(str(i)) for i in range(2, len(frame.positional) + 1)]
        for index, values in enumerate(rest, 1):
            if values is not None:
                scope.variables[str(index)] = values
        scope.variables.pop(str(len(frame.positional)), None)

    def _find_exec(self, call: Call, frame: _Frame, scope: Scope) -> None:
        """Record the command of ``find -exec`` with what is found in place of ``{}``."""
        for index, word in enumerate(call.args):
            if word.value not in {"-exec", "-execdir", "-ok", "-okdir"}:
                continue
            taken: list[Word] = []
            for inner in call.args[index + 1 :]:
                if inner.value in {";", "+"}:
                    break
                is_found = "{}" in inner.value
                taken.append(replace(inner, values=found_by(call)) if is_found else inner)
            if taken:
                self._invoke(tuple(taken), (), replace(frame, pipe=None), scope)

    def _inner_text(self, call: Call, frame: _Frame, scope: Scope) -> None:
        """Walk shell text that the command runs; keep text of other languages for the rules."""
        if frame.depth >= _DEPTH:
            return
        before = call.line - 1
        text: str | None = None
        option = call.option("-c") if call.has("c") else None
        if option is None and call.has("c"):
            index = next(i for i, v in enumerate(call.values) if re.fullmatch(r"-\w*c", v))
            option = call.values[index + 1] if index + 1 < len(call.values) else None
        heredoc = call.stdin_text
        if call.name in _SHELLS or call.name == "su":
            text = option
            if text is None and heredoc is not None and heredoc.text is not None:
                text, before = heredoc.text, heredoc.line - 1
        elif call.name == "eval":
            text = " ".join(call.values)
        elif call.name == "trap" and len(call.args) > 1:
            text = call.values[0]
        elif re.fullmatch(r"python[0-9.]*|pypy3?|ipython3?|perl|ruby", call.name):
            self._keep_code(call, option)
        if text:
            kept = tuple(name for name in frame.wrappers if name in {"timeout", "gtimeout"})
            inner = replace(
                frame, lines_before=before, depth=frame.depth + 1, is_subshell=True, wrappers=kept
            )
            self._block(_parser().parse(text.encode()).root_node.children, inner, scope.copy())

    def _keep_code(self, call: Call, option: str | None) -> None:
        heredoc = call.stdin_text
        if option:
            word = next(w for w in call.args if w.value == option)
            self._script.codes.append(Code(call.name, option, word.line, call))
        elif heredoc is not None and heredoc.text:
            self._script.codes.append(Code(call.name, heredoc.text, heredoc.line, call))


# -- shapes of the syntax tree ------------------------------------------------------------------


def _split_if(node: Node) -> tuple[list[Node], list[Node]]:
    """Return condition and body of an ``if`` or ``elif``."""
    then = next((i for i, c in enumerate(node.children) if c.type == "then"), len(node.children))
    body = [
        c for c in node.children[then + 1 :] if c.type not in {"elif_clause", "else_clause", "fi"}
    ]
    return node.children[1:then], body


def _ends_flow(nodes: list[Node]) -> bool:
    """Return whether the last statement leaves the script, the function or the round."""
    named = [node for node in nodes if node.is_named and node.type != "comment"]
    if not named:
        return False
    last = named[-1]
    if last.type in {"compound_statement", "do_group"}:
        return _ends_flow(last.children)
    if last.type == "redirected_statement":
        return _ends_flow(last.children[:1])
    name = last.child_by_field_name("name") if last.type == "command" else None
    return name is not None and text_of(name) in _ENDS


def _split_lines(node: Node) -> list[list[Node]]:
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


def _loop_of(
    node: Node, kind: str, head: str, body: str, calls: tuple[Call, ...], frame: _Frame
) -> Loop:
    condition = re.sub(r"^(while|until|for)\s+|;?\s*$", "", head).strip()
    always = {
        "while": r"true|:|/bin/true|\[+ *(1|true) *\]+|\(\( *1 *\)\)|test 1",
        "until": r"false|/bin/false|! *true|\[+ *\]+",
        "for": r"\(\([^;]*;\s*;[^;]*\)\)",
    }[kind]
    return Loop(
        kind=kind,  # type: ignore[arg-type]  # one of the three words above
        line=node.start_point[0] + 1 + frame.lines_before,
        condition=condition,
        condition_calls=calls,
        is_endless=re.fullmatch(always, condition) is not None,
        has_way_out=re.search(r"(^|[\s;&|{(])(break|exit|return|exec)\b", body) is not None,
        has_sleep=re.search(r"\b(sleep|wait|inotifywait|read\s+-t)\b", head + body) is not None,
        counts=re.search(r"\+\+|--\s|\+=|-=|\(\(|\bexpr\b|\blet\b|SECONDS|\btimeout\b", head + body)
        is not None,
        is_background=frame.background_line > 0,
    )


def _set_options(values: tuple[str, ...], scope: Scope) -> None:
    letters = {"e": "errexit", "u": "nounset"}
    for index, value in enumerate(values):
        if value == "--":
            return
        change = scope.options.add if value.startswith("-") else scope.options.discard
        if value[:1] in {"-", "+"}:
            for letter in value[1:]:
                if letter in letters:
                    change(letters[letter])
            if value.endswith("o") and index + 1 < len(values):
                change(values[index + 1])


def _with_feed(
    args: tuple[Word, ...],
    wrappers: tuple[str, ...],
    wrapper_words: tuple[str, ...],
    feed: tuple[str, ...],
    line: int,
) -> tuple[Word, ...]:
    """Return the arguments with what ``xargs`` adds to them."""
    if "xargs" not in wrappers and "parallel" not in wrappers:
        return args
    values = feed or (UNKNOWN,)
    if any("{}" in word.value for word in args):
        return tuple(replace(w, values=values) if "{}" in w.value else w for w in args)
    return (*args, Word("(from the pipe)", values, line))
