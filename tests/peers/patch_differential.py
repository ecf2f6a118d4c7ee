#!/usr/bin/env python3
"""Compares `forge-analyze patch check` with `git apply --cached` (2.39) on hand-made nasty patches.

Every case takes a small tree with files of every type and writes one to three patch files for it: all kinds of
sections, most of them fitting, then damaged in headers, modes, names, quoting, counts, markers, line ends and binary
blocks. Verdict (applies, does not fit, refused), resulting tree and the cause of the first failure must be git's.
Cases depend on --seed and their number only. Stops with exit code 1 after --keep differences, each written to --out.

    patch_differential.py build/bin/forge-analyze --cases 20000 --seed 1
"""
import argparse
import base64
import collections
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

ENVIRONMENT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
LINK, SUBMODULE, PLAIN, RUNNABLE = 0o120000, 0o160000, 0o100644, 0o100755
BINARY = bytes(range(256)) * 3
COMMIT = "a" * 40


def numbers(first, last):
    return "".join(f"{i}\n" for i in range(first, last + 1)).encode()


TREE = {
    "f": (PLAIN, numbers(1, 12)),
    "run": (RUNNABLE, numbers(1, 6)),
    "empty": (PLAIN, b""),
    "same": (PLAIN, b"a\nb\na\nb\na\nb\n\n\na\nb\n"),
    "no-end": (PLAIN, b"1\n2\n3"),
    "crlf": (PLAIN, b"1\r\n2\r\n\r\n3\r\n4\r\n"),
    "blanks": (PLAIN, b"1 \n\t2\n  3\n \n4\t\n"),
    "nul": (PLAIN, b"a\0b\n1\n2\n3\n"),
    "bin": (PLAIN, BINARY),
    "link": (LINK, b"d/g"),
    "dlink": (LINK, b"d"),
    "sub": (SUBMODULE, COMMIT.encode()),
    "d/g": (PLAIN, numbers(1, 8)),
    "d/e/h": (PLAIN, b"x\n"),
    "a b": (PLAIN, numbers(1, 5)),
    "a b/c d": None,
    "q\"t\\\tx": (PLAIN, numbers(1, 5)),
    "\u00fc": (PLAIN, numbers(1, 5)),
    "dev/null": (PLAIN, b"n\n"),
    "x.orig": (PLAIN, numbers(1, 5)),
    "x": (PLAIN, numbers(1, 5)),
}
TREE = {path: entry for path, entry in TREE.items() if entry is not None}
NEW_PATHS = ["n", "d/n", "d/e/n", "new/dir/n", "f/n", "d", "dlink/n", "link", "f", "sub/n", "n b", "dev/null", "x~"]
BAD_PATHS = ["../x", "/x", ".git/x", ".GIT/x", "git~1/x", "a//b", "./x", "d/../x", "x/", ".gitmodules", "d\\.git", "..",
             "a:b", ".git", ".git ", "d/.git./x", "gi7eba~1", "GITMOD~1", ".gitmodules ", "a\\b", "C:x", "", "."]
STAMPS = ["", "\t2024-01-01 10:00:00 +0000", "\t1970-01-01 00:00:00 +0000", "\t1970-01-01 01:00:00.000 +0100",
          "\t1969-12-31 16:00:00 -0800", " 2024-01-01", " 24-01-01 10:00:00.25 +01:00", "\twords", " \t", "  ",
          "\t1970-01-01 00:00:01 +0000", "\t1970-01-01 00:00:00", "\tThu Jan 1 00:00:00 1970", "\t1970-01-01 00:00:00.5 +0000"]
MODES = ["100644", "100755", "120000", "160000", "040000", "644", "755", "0", "100664", "10x", "", "777777", "100644 ",
         "-1", "+100644", " 100755", "100600", "20000000000000000000000"]
MARKER = b"\\ No newline at end of file\n"


def blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def git85(data):
    out = b""
    packed = zlib.compress(data)
    for at in range(0, len(packed), 52):
        piece = packed[at:at + 52]
        size = len(piece)
        out += bytes([size + 64 if size <= 26 else size - 26 + 96]) + base64.b85encode(piece, pad=True) + b"\n"
    return out


def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def delta(old, new):
    """Copies the longest common beginning, then says the rest."""
    common = len(os.path.commonprefix([old, new]))
    out = varint(len(old)) + varint(len(new))
    if common:
        out += bytes([0x80 | 0x10 | 0x20, common & 255, common >> 8]) if common < 65536 else b""
    rest = new[common:]
    for at in range(0, len(rest), 127):
        out += bytes([len(rest[at:at + 127])]) + rest[at:at + 127]
    return out


def quoted(path, always=False):
    raw = path.encode() if isinstance(path, str) else path
    if not always and all(32 <= c < 127 and c not in b'"\\' for c in raw):
        return raw
    named = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
    return b'"' + b"".join(named.get(c, bytes([c]) if 32 <= c < 127 else b"\\%03o" % c) for c in raw) + b'"'


class Case:
    def __init__(self, seed, number):
        self.rng = random.Random(f"{seed}/{number}")

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def pick(self, items):
        return self.rng.choice(items)

    def files(self):
        return [self.damaged(self.patch()) for _ in range(self.pick([1, 1, 1, 1, 2, 2, 3]))]

    def patch(self):
        text = b"From %s Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nSubject: x\n\nwords\n---\n f | 2 +-\n\n" % (
            b"1" * 40) if self.chance(25) else b""
        for _ in range(self.pick([1, 1, 1, 1, 1, 2, 2, 3])):
            text += self.section()
            if self.chance(2):
                text += self.pick([b"-- \n2.39.5\n", b"\n", b"words at the margin\n", b"diff --git is nice\n",
                                   b"--- words\n", b"@@ -1 +1 @@\n", b"Only in a: x\n", b"Index: f\n=====\n"])
        if self.chance(20):
            text += b"-- \n2.39.5\n\n"
        return text

    def path(self):
        return self.pick(list(TREE) + ["f"] * 8 + ["same"] * 3 + ["missing"])

    def new_path(self):
        return self.pick(BAD_PATHS) if self.chance(8) else self.pick(NEW_PATHS)

    def name(self, prefix, path, force=False):
        full = prefix + path
        return quoted(full, always=force or self.chance(4))

    def git_line(self, old, new):
        return b"diff --git " + self.name("a/", old) + b" " + self.name("b/", new) + b"\n"

    def names(self, old, new):
        tab = b"\t" if self.chance(8) else b""
        out = b"--- " + (b"/dev/null" if old is None else self.name("a/", old)) + tab + b"\n"
        return out + b"+++ " + (b"/dev/null" if new is None else self.name("b/", new)) + tab + b"\n"

    def index_line(self, old, new, mode=None):
        size = self.pick([7, 7, 7, 40, 40, 12, 41, 0])
        line = b"index " + old[:size].encode() + b".." + new[:size].encode()
        if mode is not None:
            line += b" " + mode.encode()
        return line + self.pick([b"\n"] * 15 + [b" \n", b"\t\n", b" x\n"])

    def content(self, path):
        mode, data = TREE.get(path, (PLAIN, numbers(1, 5)))
        if mode == SUBMODULE:
            data = b"Subproject commit " + data + b"\n"
        return mode, data

    def section(self):
        kind = self.rng.randrange(22) if self.chance(60) else self.rng.randrange(7)
        path = self.path()
        mode, data = self.content(path)
        octal = f"{mode:o}"
        if kind < 7:
            return (self.git_line(path, path) + self.index_line(blob_id(data), "b" * 40, octal)
                    + self.names(path, path) + self.hunks(data))
        if kind < 9:
            return self.traditional(path, data)
        if kind < 11:
            return self.creation()
        if kind == 11:
            return self.deletion(path, data, octal)
        if kind < 14:
            return self.moving(path, data)
        if kind == 14:
            new = self.pick(MODES)
            return (self.git_line(path, path) + b"old mode " + (octal if self.chance(80) else self.pick(MODES)).encode()
                    + b"\nnew mode " + new.encode() + b"\n"
                    + (self.names(path, path) + self.hunks(data) if self.chance(30) else b""))
        if kind < 18:
            return self.binary(path, data, octal)
        if kind == 18 or path == "sub" and self.chance(50):
            path = "sub"
            old, new = COMMIT, self.pick([COMMIT, "c" * 40, "c" * 39, "C" * 40, "words"])
            return (self.git_line(path, path) + self.index_line(old, new, "160000") + self.names(path, path)
                    + b"@@ -1 +1 @@\n-Subproject commit " + old.encode() + b"\n+Subproject commit " + new.encode() + b"\n")
        if kind == 19:
            return (self.git_line("link", "link") + self.index_line("1" * 40, "2" * 40, "120000")
                    + self.names("link", "link") + b"@@ -1 +1 @@\n-d/g\n" + MARKER + b"+" + self.pick([b"f", b"../x", b"/etc", b""])
                    + b"\n" + MARKER)
        if kind == 20:
            return self.git_line(path, path) + self.names(path, path) + self.hunks(data)
        return b"".join(self.header_line(path) for _ in range(self.rng.randrange(1, 6))) + self.hunks(data)

    def header_line(self, path):
        other = self.pick([path, self.path(), self.new_path()])
        return self.pick([
            self.git_line(path, other), b"--- " + self.name("a/", other) + b"\n", b"+++ " + self.name("b/", other) + b"\n",
            b"--- /dev/null\n", b"+++ /dev/null\n", b"old mode " + self.pick(MODES).encode() + b"\n",
            b"new mode " + self.pick(MODES).encode() + b"\n", b"new file mode " + self.pick(MODES).encode() + b"\n",
            b"deleted file mode " + self.pick(MODES).encode() + b"\n", b"rename from " + self.name("", other) + b"\n",
            b"rename to " + self.name("", other) + b"\n", b"copy from " + self.name("", other) + b"\n",
            b"copy to " + self.name("", other) + b"\n", b"rename old " + self.name("", other) + b"\n",
            b"rename new " + self.name("", other) + b"\n", b"similarity index 100%\n", b"dissimilarity index 10%\n",
            self.index_line("1" * 40, "2" * 40, self.pick(MODES)), b"GIT binary patch\n",
            b"Binary files a/f and b/f differ\n", b"Files f and g differ\n", b"index\n", b"@@ -1 +1 @@\n",
        ])

    def traditional(self, path, data):
        prefix_a, prefix_b = self.pick([("a/", "b/")] * 5 + [("", ""), ("./", "./"), ("a//", "b//"), ("p/q/", "p/q/")])
        first = prefix_a + path + self.pick(["", "", "", ".orig", "~"])
        second = prefix_b + path
        if self.chance(10):
            first, second = second, first
        stamp = lambda: self.pick(STAMPS).encode() if self.chance(40) else b""
        old = b"/dev/null" if self.chance(6) else quoted(first, self.chance(4))
        new = b"/dev/null" if self.chance(6) else quoted(second, self.chance(4))
        body = self.pick([b"@@ -0,0 +1 @@\n+x\n", b"@@ -1 +0,0 @@\n-x\n", self.whole(data, b"-")]) if self.chance(25) else self.hunks(data)
        return b"--- " + old + stamp() + b"\n+++ " + new + stamp() + b"\n" + body

    def creation(self):
        path = self.new_path()
        mode = self.pick(["100644"] * 6 + ["100755", "120000", "120000", "160000"] + MODES)
        out = self.git_line(path, path) + b"new file mode " + mode.encode() + b"\n" + self.index_line("0" * 40, "2" * 40)
        if self.chance(10):
            return out
        if mode == "160000":
            return out + self.names(None, path) + b"@@ -0,0 +1 @@\n+Subproject commit " + b"c" * 40 + b"\n"
        data = self.pick([b"x\n", b"x\ny\n", b"d", b"x\n\nz"])
        return out + self.names(None, path) + self.whole(data, b"+")

    def deletion(self, path, data, octal):
        out = self.git_line(path, path) + b"deleted file mode " + octal.encode() + b"\n" + self.index_line(blob_id(data), "0" * 40)
        if self.chance(10):
            return out
        return out + self.names(path, None) + self.whole(data if self.chance(85) else data[2:] or b"x\n", b"-")

    def moving(self, path, data):
        to = self.pick([self.new_path(), self.path(), "n", "d/n"])
        word = self.pick(["rename", "rename", "copy"])
        ways = ("old", "new") if word == "rename" and self.chance(10) else ("from", "to")
        out = self.git_line(path, to)
        if self.chance(70):
            out += b"similarity index 90%\n"
        if self.chance(92):
            out += f"{word} {ways[0]} ".encode() + self.name("", path) + b"\n"
        if self.chance(92):
            out += f"{word} {ways[1]} ".encode() + self.name("", to) + b"\n"
        if self.chance(45):
            out += self.index_line("1" * 40, "2" * 40) + self.names(path, to) + self.hunks(data)
        return out

    def binary(self, path, data, octal):
        path = self.pick(["bin", "bin", "f", path, "n"])
        _, data = self.content(path)
        makes = path == "n"
        old = b"" if makes else data
        new = self.pick([BINARY[:300] + b"!" * 40, b"", old + b"tail\0", b"\0", TREE["f"][1], old[:10]])
        ids = ["0" * 40 if makes else blob_id(old), blob_id(new)]
        if self.chance(8):
            ids[self.rng.randrange(2)] = self.pick(["0" * 40, "1" * 40, blob_id(BINARY), ids[0].upper(), blob_id(b"")])
        size = 40 if self.chance(92) else self.pick([7, 39, 41])
        out = self.git_line(path, path)
        if makes:
            out += b"new file mode 100644\n"
        out += b"index " + ids[0][:size].encode() + b".." + ids[1][:size].encode() + (b"" if makes else b" " + octal.encode()) + b"\n"
        if self.chance(10):
            return out + b"Binary files a/x and b/x differ\n"
        out += b"GIT binary patch\n" + self.block(old, new)
        return out + (self.block(new, old) if self.chance(85) else b"")

    def block(self, old, new):
        stated, payload, word = len(new), new, b"literal"
        if self.chance(45):
            payload, word = delta(old, new), b"delta"
            stated = len(payload)
        if self.chance(6):
            stated += self.pick([1, -1, 1000])
        lines = git85(payload)
        if self.chance(8):
            at = self.rng.randrange(len(lines))
            lines = lines[:at] + self.pick([b"!", b" ", b"\n", b"~", b"", b"Z", b"\r"]) + lines[at + self.rng.randrange(2):]
        return word + b" " + str(stated).encode() + b"\n" + lines + (b"\n" if self.chance(96) else self.pick([b"", b"\r\n", b"\n\n"]))

    def whole(self, data, sign):
        lines = data.splitlines(keepends=True) if b"\r" not in data else re.findall(rb"[^\n]*\n|[^\n]+$", data)
        body = b"".join(sign + line + (b"" if line.endswith(b"\n") else b"\n" + MARKER) for line in lines)
        count = len(lines)
        span = b"%d" % (1 if count else 0) + (b"" if count == 1 else b",%d" % count)
        if not count:
            return b""
        return b"@@ -0,0 +" + span + b" @@\n" + body if sign == b"+" else b"@@ -" + span + b" +0,0 @@\n" + body

    def hunks(self, data):
        lines = re.findall(rb"[^\n]*\n|[^\n]+$", data)
        out = b""
        moved = 0
        start = 0
        for _ in range(self.pick([1, 1, 1, 2, 2, 3])):
            begin = self.rng.randrange(start, len(lines) + 1) if start <= len(lines) and self.chance(90) else self.rng.randrange(len(lines) + 1)
            end = min(len(lines), begin + self.rng.randrange(7))
            text, before, after, end = self.hunk(lines, begin, end)
            shift = self.pick([0] * 8 + [-2, -1, 1, 2, 5, 40])
            first = max(0, begin + 1 + shift if before else begin + shift)
            second = max(0, first + moved + self.pick([0] * 8 + [-3, 1, 2, 900]))
            out += self.hunk_line(first, before, second, after) + text
            moved += after - before
            start = end
        return out

    def hunk_line(self, first, before, second, after):
        side = lambda at, count: b"%d" % at + (b"" if count == 1 and self.chance(70) else b",%d" % count)
        if self.chance(4):
            before = max(0, before + self.pick([-1, 1, 1, 2]))
        if self.chance(4):
            after = max(0, after + self.pick([-1, 1, 1, 2]))
        tail = self.pick([b" @@", b" @@", b" @@ def f():", b" @@@", b"  @@", b" @@x"]) if self.chance(30) else b" @@"
        return b"@@ -" + side(first, before) + b" +" + side(second, after) + tail + b"\n"

    def hunk(self, lines, begin, end):
        text, before, after = b"", 0, 0

        def put(sign, line):
            nonlocal text, before, after
            ended = line.endswith(b"\n")
            text += (b"" if line == b"\n" and sign == b" " and self.chance(40) else sign) + line
            text += b"" if ended else b"\n" + MARKER
            if self.chance(1):
                text += self.pick([MARKER, b"\\ No\n", b"\\ Kein Zeilenumbruch\n", b"\\\n"])
            before += sign != b"+"
            after += sign != b"-"

        edits = 0
        for at in range(begin, end):
            line = lines[at]
            if self.chance(2):
                line = self.pick([b"z\n", line.strip() + b"\n", line.rstrip(b"\n") + b" \n", b" " + line])
            removed = self.chance(25) and begin < at
            put(b"-" if removed else b" ", line)
            edits += removed
            if self.chance(25):
                put(b"+", self.pick([b"new\n", b"\n", b"a\n", b"b\n", b"no end", b"1\n", b"cr\r\n"]))
                edits += 1
        if not edits or self.chance(5):
            put(b"+", b"added\n")
            if end < len(lines) and self.chance(80):
                put(b" ", lines[end])
                end += 1
        return text, before, after, end

    def damaged(self, text):
        if self.chance(70):
            return text
        for _ in range(self.pick([1, 1, 1, 2, 3])):
            text = self.damage(text)
        return text

    def damage(self, text):
        lines = text.splitlines(keepends=True) if self.chance(50) else re.findall(rb"[^\n]*\n|[^\n]+$", text)
        if not lines:
            return text
        at = self.rng.randrange(len(lines))
        kind = self.rng.randrange(16)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[at])
        elif kind == 2:
            other = self.rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            lines.insert(at, self.pick([b"\n", b" \n", b"x\n", b"\r\n", b"\\ No newline at end of file\n", b"-- \n", b"\\ No\n"]))
        elif kind == 4:
            lines.insert(at, self.header_line(self.path()))
        elif kind == 5:
            lines[at] = lines[at].rstrip(b"\n") + b"\r\n"
        elif kind == 6:
            return text.replace(b"\n", b"\r\n")
        elif kind == 7:
            return text[:self.rng.randrange(len(text))]
        elif kind == 8:
            digits = [m.start() for m in re.finditer(rb"[0-9]", text)]
            if digits:
                at = self.pick(digits)
                return text[:at] + self.pick([b"0", b"1", b"7", b"9", b"99999999999", b"4294967297", b"", b"18446744073709551617", b"-"]) + text[at + 1:]
        elif kind == 9:
            at = self.rng.randrange(len(text))
            return text[:at] + self.pick([b"\0", b"\xff", b" ", b"\t", b"/", b"\"", b"\\", b"\r", b"\v", b"\f", b"+", b"-", b"@", b"a/"]) + text[at + self.rng.randrange(2):]
        elif kind == 10:
            lines[at] = lines[at].replace(self.pick([b"a/", b"b/", b" ", b"f"]), self.pick([b"", b"/", b"//", b"\t", b"./"]), 1)
        elif kind == 11:
            lines[at] = lines[at].rstrip() + self.pick([b" \n", b"\t\n", b"", b"\n\n", b" words\n"])
        elif kind == 12:
            lines[at] = lines[at].lstrip(b" ")
        elif kind == 13:
            lines[at] = self.pick([b">", b" ", b"\t", b"+", b"-", b"\\ "]) + lines[at]
        elif kind == 14:
            del lines[at:at + self.rng.randrange(6)]
        else:
            section = self.section()
            lines.insert(at, section)
        return b"".join(lines)


def make_repository(folder):
    run = lambda *args, **kw: subprocess.run(["git", *args], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, **kw)
    run("init", "-q", "--bare", "repo")
    out = b"commit refs/heads/case\ncommitter A <a@example.org> 0 +0000\ndata 0\n"
    for path, (mode, data) in TREE.items():
        if mode == SUBMODULE:
            out += b"M 160000 " + data + b" " + quoted(path, True) + b"\n"
        else:
            out += b"M %o inline %s\ndata %d\n%s\n" % (mode, quoted(path, True), len(data), data)
    run("--git-dir=repo", "fast-import", "--quiet", input=out)
    subprocess.run(["git", "--git-dir=repo", "read-tree", "case"], cwd=folder, check=True,
                   env={**ENVIRONMENT, "GIT_INDEX_FILE": str(folder / "start")})
    return folder / "repo"


def ask_git(folder, names):
    """(exit status, tree, stderr); what git writes goes to an object folder of its own, so that nothing becomes known."""
    objects = folder / "objects"
    shutil.rmtree(objects, ignore_errors=True)
    objects.mkdir()
    index = folder / "index"
    shutil.copy(folder / "start", index)
    (folder / "index.lock").unlink(missing_ok=True)
    environment = {**ENVIRONMENT, "GIT_DIR": str(folder / "repo"), "GIT_INDEX_FILE": str(index),
                   "GIT_OBJECT_DIRECTORY": str(objects), "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(folder / "repo" / "objects")}
    done = subprocess.run(["git", "apply", "--cached", *names], cwd=folder, env=environment, capture_output=True)
    words = done.stderr.decode(errors="replace")
    if done.returncode != 0:
        return done.returncode, None, words
    tree = subprocess.run(["git", "write-tree"], cwd=folder, env=environment, capture_output=True, text=True)
    return (0, tree.stdout.strip(), words) if tree.returncode == 0 else ("no tree", None, tree.stderr)


# What git says, and which of our obstacles that is.
CAUSES = [
    (r"does not exist in index", "target-missing"), (r"has been renamed/deleted", "target-gone"),
    (r"already exists in index", "target-exists"), (r": wrong type$", "wrong-type"),
    (r"does not match old type|new mode \(.*\) of .* does not match old mode|of new mode", "wrong-type"),
    (r"invalid path", "forbidden-path"), (r"affected file .* is beyond a symbolic link", "beyond-link"),
    (r"patch does not apply|cannot apply binary patch|without full index line|binary patch (does not apply|to)|the current contents|missing binary patch data|exists in index.* does not match|does not have .*reverse", "mismatch"),
    (r"removal patch leaves file contents", "content-left"),
    (r"unable to add cache entry|corrupt patch for submodule", "collision"),
]


def cause_of(words):
    for line in words.splitlines():
        if not line.startswith("error:") or re.search("binary patch at|base85|inflate:|not a tree$", line):
            continue
        for pattern, name in CAUSES:
            if re.search(pattern, line):
                return name
        if "patch failed:" not in line:
            return line
    return None


def ask_ours(binary, folder, names, timeout=60):
    done = subprocess.run([binary, "patch", "check", "--format", "json", "--repo", str(folder / "repo"), "--ref", "case", *names],
                          cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=timeout)
    if done.returncode not in (0, 1):
        return done.returncode, None, {"stderr": done.stderr.decode(errors="replace")}
    answer = json.loads(done.stdout)
    if done.returncode == 0:
        return 0, answer["tree"], answer
    first = next(p for p in answer["patches"] if p["verdict"] != "applies")
    return (128 if first["verdict"] == "malformed" else 1), None, answer


OUR_CAUSES = [
    (r"has been renamed or deleted", "target-gone"), (r"is not in the tree|is a folder in the tree", "target-missing"),
    (r"exists already, and the patch", "target-exists"), (r"the patch takes it for|can't turn from", "wrong-type"),
    (r"git refuses the path", "forbidden-path"), (r"on the way to .* is a symbolic link", "beyond-link"),
    (r"has lines that the patch does not delete", "content-left"), (r"can't be written", "collision"), (r"", "mismatch"),
]


def first_obstacle(answer):
    """The cause that we give for the first section that does not fit."""
    first = next((p for p in answer.get("patches", []) if p["verdict"] != "applies"), {})
    reason = next((f["reason"] for f in first.get("files", []) if f.get("reason")), None)
    return None if reason is None else next(name for pattern, name in OUR_CAUSES if re.search(pattern, reason))


def difference(git, ours):
    if git[0] != ours[0]:
        collision = git[0] == 128 and ours[0] == 1 and first_obstacle(ours[2]) == "collision"
        if not collision:
            return f"git {git[0]}, ours {ours[0]}"
    if git[1] != ours[1]:
        return f"tree {git[1]}, ours {ours[1]}"
    cause, obstacle = cause_of(git[2]), first_obstacle(ours[2])
    if git[0] == 1 and obstacle is not None and cause != obstacle:
        return f"git's cause is {cause}, ours {obstacle}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", default="build/bin/forge-analyze")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=int, default=20)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("patch-differences"))
    parser.add_argument("--dump", type=pathlib.Path, help="write the cases as seeds for the fuzz targets and stop")
    arguments = parser.parse_args()
    if arguments.dump:
        arguments.dump.mkdir(parents=True, exist_ok=True)
        for number in range(arguments.first, arguments.first + arguments.cases):
            (arguments.dump / f"{arguments.seed}-{number}").write_bytes(b"====\n".join(Case(arguments.seed, number).files()))
        return
    binary = os.path.abspath(arguments.binary)
    found = 0
    statuses = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="patch-differential-") as name:
        folder = pathlib.Path(name)
        make_repository(folder)
        for number in range(arguments.first, arguments.first + arguments.cases):
            names = []
            for i, text in enumerate(Case(arguments.seed, number).files()):
                names.append(f"{i + 1:04}.patch")
                (folder / names[-1]).write_bytes(text)
            git = ask_git(folder, names)
            if git[0] == "no tree" or (isinstance(git[0], int) and git[0] < 0):
                statuses["git gave up"] += 1
                continue
            ours = ask_ours(binary, folder, names)
            statuses[cause_of(git[2]) if git[0] == 1 else git[0]] += 1
            problem = difference(git, ours)
            if problem is None:
                continue
            found += 1
            print(f"case {number}: {problem}\n  git: {git[2].strip()[:300]}", flush=True)
            keep = arguments.out / f"{arguments.seed}-{number}"
            keep.mkdir(parents=True, exist_ok=True)
            for patch in names:
                shutil.copy(folder / patch, keep)
            (keep / "answers.json").write_text(json.dumps({"git": git, "ours": ours}, indent=1))
            if found >= arguments.keep:
                break
    print(f"{sum(statuses.values())} cases, seed {arguments.seed}: {found} differences")
    for status, count in statuses.most_common():
        print(f"  {count:6}  {status}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
