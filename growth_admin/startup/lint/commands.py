"""Takes commands apart, records them, and follows where they lead."""

from __future__ import annotations

import re
from dataclasses import replace

from tree_sitter import Node

from growth_admin.startup.lint.model import Assignment, Call, Code, Redirect, Script, Word
from growth_admin.startup.lint.outputs import found_by
from growth_admin.startup.lint.places import UNKNOWN, normal
from growth_admin.startup.lint.reading import Frame, WordReader
from growth_admin.startup.lint.syntax import parser, split_lines
from growth_admin.startup.lint.unwrap import basename, unwrap
from growth_admin.startup.lint.values import Scope

_DEPTH = 6
_SHELLS = frozenset(("bash", "sh", "dash", "ksh", "zsh"))


class CommandReader(WordReader):
    """The part of a walk that knows commands; statements are the subclass's."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self._entered: set[str] = set()

    def _statement(self, node: Node, frame: Frame, scope: Scope) -> None:
        raise NotImplementedError

    # -- commands -------------------------------------------------------------------------------

    def _on_variable_assignment(self, node: Node, frame: Frame, scope: Scope) -> None:
        self._assign(node, frame, scope)

    def _on_variable_assignments(self, node: Node, frame: Frame, scope: Scope) -> None:
        for child in node.named_children:
            self._assign(child, frame, scope)

    def _on_declaration_command(self, node: Node, frame: Frame, scope: Scope) -> None:
        keyword = node.children[0].type if node.children else ""
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._assign(child, frame, scope, is_exported=keyword == "export")

    def _on_unset_command(self, node: Node, frame: Frame, scope: Scope) -> None:
        return

    def _on_test_command(self, node: Node, frame: Frame, scope: Scope) -> None:
        words: list[Word] = []
        self._test_words(node, frame, scope, words)
        self._record(Word("[", ("[",), self._line(node, frame)), tuple(words), frame, scope)

    def _test_words(self, node: Node, frame: Frame, scope: Scope, words: list[Word]) -> None:
        for child in node.children:
            if child.type.endswith("_expression"):
                self._test_words(child, frame, scope, words)
            elif child.is_named or child.type not in {"[", "]", "[[", "]]", "((", "))"}:
                words.append(self._word(child, frame, scope))

    def _on_command(self, node: Node, frame: Frame, scope: Scope) -> None:
        for children in split_lines(node):
            self._one_command(children, frame, scope)

    def _one_command(self, children: list[Node], frame: Frame, scope: Scope) -> None:
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
        self, words: tuple[Word, ...], assigned: tuple[str, ...], frame: Frame, scope: Scope
    ) -> None:
        """Take a command apart, record it, and follow where it leads."""
        bare = unwrap(words, frozenset(self._functions))
        if not bare.words:
            return
        program, args = bare.words[0], bare.words[1:]
        wrappers = (*bare.wrappers, *frame.wrappers)
        args = with_feed(args, bare.wrappers, bare.wrapper_words, frame.feed, program.line)
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
        frame: Frame,
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
        self, name: str, body: tuple[Node, int], args: tuple[Word, ...], frame: Frame, scope: Scope
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

    def _effects(self, call: Call, frame: Frame, scope: Scope) -> None:
        """Follow what a builtin or an interpreter does to the rest of the walk."""
        name, values = call.name, call.values
        if name in {"cd", "pushd"}:
            target = call.operands[0].value if call.operands else "~"
            scope.cwd = normal("/home/~" if target == "~" else target, scope.cwd)
        elif name == "set":
            set_options(values, scope)
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

    def _shift(self, frame: Frame, scope: Scope) -> None:
        assert frame.positional is not None
        rest = [scope.variables.get(str(i)) for i in range(2, len(frame.positional) + 1)]
        for index, values in enumerate(rest, 1):
            if values is not None:
                scope.variables[str(index)] = values
        scope.variables.pop(str(len(frame.positional)), None)

    def _find_exec(self, call: Call, frame: Frame, scope: Scope) -> None:
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

    def _inner_text(self, call: Call, frame: Frame, scope: Scope) -> None:
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
            self._block(parser().parse(text.encode()).root_node.children, inner, scope.copy())

    def _keep_code(self, call: Call, option: str | None) -> None:
        heredoc = call.stdin_text
        if option:
            word = next(w for w in call.args if w.value == option)
            self._script.codes.append(Code(call.name, option, word.line, call))
        elif heredoc is not None and heredoc.text:
            self._script.codes.append(Code(call.name, heredoc.text, heredoc.line, call))


def set_options(values: tuple[str, ...], scope: Scope) -> None:
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


def with_feed(
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
