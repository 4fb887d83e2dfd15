"""What the programs say of themselves: which commands there are, and which options each takes."""

import functools
import re
import shlex
import subprocess

OURS = ("torghut", "torghut-sim", "lean-runner")
# Behind these a command begins.
OPENERS = {"until", "while", "if", "then", "do", "else", "!", "time", "exec", "sudo", "{", "("}
ENDS = set("|&;()<>\n")
OPTION = re.compile(r"^\s+--([a-z][a-z-]*)(?: ([A-Z0-9.:|\[\]…_-]+))?", re.MULTILINE)


def commands(line):
    """The command lines of our programs in a line of bash, each as its words; also those in $(…)."""
    line = line.removeprefix("$ ")
    for inner in re.findall(r"\$\(([^()]*)\)", line):
        yield from commands(inner)
    line = re.sub(r"\$\([^()]*\)", "VALUE", line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        tokens = list(lexer)
    except ValueError:
        yield ["torghut", line]
        return
    words, opening, skipped = [], True, False
    for token in tokens + [";"]:
        if token and set(token) <= ENDS:
            # `2>&1` and `>file`: what stands behind is no word of the command.
            if set(token) <= set("<>&") and (">" in token or "<" in token):
                if words and words[-1] in ("1", "2"):
                    words.pop()
                skipped = True
                continue
            if words:
                yield words
            words, opening, skipped = [], True, False
        elif skipped:
            skipped = False
        elif opening and (token in OPENERS or re.fullmatch(r"[A-Z_]+=.*", token)):
            continue
        elif opening:
            opening = False
            if token in OURS:
                words = [token]
        elif words:
            words.append(token)


class Programs:
    def __init__(self, folder):
        self.folder = folder

    @functools.cache
    def help(self, *words):
        asked = subprocess.run(
            [f"{self.folder}/{words[0]}", *words[1:], "--help"], capture_output=True, text=True, timeout=60)
        return asked.stdout if asked.returncode == 0 else ""

    @functools.cache
    def tree(self):
        """The commands of torghut, as its help lists them."""
        listed = self.help("torghut").split("\nOptions of every command")[0]
        return {tuple(match.split()) for match in re.findall(r"^  ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)(?:  |$)", listed, re.M)}

    def problem(self, words):
        """What is wrong with a command line, or None."""
        if words[0] != "torghut":
            return self._problem_of_other(words)
        if "help" in words[1:2] or "--help" in words:
            return None
        path = self._path(words)
        if path is None:
            return "there is no such command"
        text = self.help("torghut", *path)
        options = {name: value != "" for name, value in OPTION.findall(text)}
        takes_operand = re.search(r"^Usage: torghut " + " ".join(path) + r" (?!\[OPTIONS\])\S", text, re.M)
        rest, operands = list(words[1:]), []
        for word in path:
            rest.remove(word)
        while rest:
            word = rest.pop(0)
            if not word.startswith("--"):
                operands.append(word)
                continue
            name, joined, _ = word[2:].partition("=")
            if name not in options:
                return f"{' '.join(path)} has no option --{name}"
            if options[name] and not joined and "=" not in word:
                if not rest or rest[0].startswith("--"):
                    return f"--{name} needs a value"
                rest.pop(0)
            elif not options[name] and "=" in word:
                return f"--{name} takes no value"
        if len(operands) > (1 if takes_operand else 0):
            return f"{' '.join(path)} takes no '{operands[-1]}'"
        return None

    def _path(self, words):
        """The longest name of a command that these words begin with; options may stand before it."""
        named, rest = [], list(words[1:])
        while rest:
            word = rest.pop(0)
            if word.startswith("--"):
                # Options of every command that take a value.
                if word in ("--log", "--data") and rest:
                    rest.pop(0)
                continue
            if not any(command[:len(named) + 1] == (*named, word) for command in self.tree()):
                break
            named.append(word)
        return tuple(named) if tuple(named) in self.tree() else None

    def _problem_of_other(self, words):
        """Of the other programs the help is one text of words."""
        text = self.help(words[0])
        if words[0] == "torghut-sim" and len(words) > 1:
            text += self.help(*words[:2])
        known = set(re.findall(r"--[a-z][a-z-]*|[a-z][a-z-]+", text))
        for word in words[1:3] if words[0] == "torghut-sim" else []:
            if not word.startswith("-") and re.fullmatch(r"[a-z-]+", word) and word not in known:
                return f"{words[0]} knows no '{word}'"
        for word in words[1:]:
            if word.startswith("--") and word.split("=")[0] not in known:
                return f"{words[0]} has no option {word}"
        return None
