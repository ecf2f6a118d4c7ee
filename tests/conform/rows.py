"""Random rows for `conform`: the grammar's edges, most of them valid, now and then with something wrong in them."""

import random
import re

from packaging.utils import canonicalize_name

ENVIRONMENTS = {
    name: {
        "os_name": os_name,
        "sys_platform": platform,
        "platform_machine": machine,
        "platform_python_implementation": implementation,
        "platform_release": release,
        "platform_system": system,
        "platform_version": "#1 SMP PREEMPT_DYNAMIC" if system == "Linux" else "",
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_name": implementation.lower(),
        "implementation_version": "7.3.13" if implementation == "PyPy" else python,
    }
    for name, os_name, platform, machine, implementation, system, python, release in [
        ("linux", "posix", "linux", "x86_64", "CPython", "Linux", "3.12.3", "6.8.0-31-generic"),
        ("old", "posix", "linux", "aarch64", "CPython", "Linux", "3.9.21", "5.10"),
        ("windows", "nt", "win32", "AMD64", "CPython", "Windows", "3.13.0rc2", "11"),
        ("pypy", "posix", "darwin", "arm64", "PyPy", "Darwin", "3.10.14", ""),
    ]
}
VERSION_VARIABLES = ["python_version", "python_full_version", "implementation_version"]
TEXT_VARIABLES = ["os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_system",
                  "platform_version", "platform_release", "implementation_name", "os.name", "sys.platform",
                  "platform.version", "platform.machine", "platform.python_implementation", "python_implementation"]
OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~=", "==="]

SPACES = [" ", " ", " ", "\t", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028",
          "\u202f", "\u205f", "\u3000"]
# Digits and letters that are none here, spaces that are none anywhere, and what breaks careless scanners.
STRANGE = list("\u0661\uff11\u00b2\u017f\u212a\u0130\u00e9\uff41\u0430\u200b\ufeff\u2011\x00") + ["\U0001d7d9", "\U0001f40d"]


class Rows:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pick = self.random.choice

    def maybe(self, chance, text):
        return text if self.random.random() < chance else ""

    def space(self, chance=0.05):
        return "".join(self.pick(SPACES) for _ in range(self.pick([1, 1, 2]))) if self.random.random() < chance else ""

    def blank(self, chance=0.3):
        return self.maybe(chance, self.pick([" ", " ", "  ", "\t"]))

    def spoiled(self, text, chance=0.06):
        """Inserts, deletes, doubles, swaps or replaces something."""
        if not text or self.random.random() >= chance:
            return text
        at = self.random.randrange(len(text))
        other = self.pick("+-_. !*,;()[]'\"a1v@#=<>~\\/:|&0xX")
        if self.random.random() < 0.35:
            other = self.pick(STRANGE + SPACES)
        end = at + self.pick([1, 1, 2, 3])
        return self.pick([text[:at] + other + text[at:], text[:at] + text[at + 1:], text[:at] + other + text[at + 1:],
                          text[:end] + text[at:], text[:at] + text[at:end][::-1] + text[end:], text + other, other + text])

    # Versions.

    def number(self):
        common = ["0", "1", "2", "3", "9", "10", "12", "2025"]
        rare = ["00", "007", "18446744073709551615", "18446744073709551616", "4294967296",
                "340282366920938463463374607431768211456", "9" * 60]
        return self.pick(rare) if self.random.random() < 0.06 else self.pick(common)

    def release(self):
        return ".".join(self.number() for _ in range(self.pick([1, 1, 2, 2, 3, 3, 4, 7])))

    def cased(self, word):
        return self.pick([word, word, word, word.upper(), word.title()])

    def separator(self):
        return self.pick(["", "", "", ".", "-", "_"])

    def suffix(self):
        out = self.maybe(0.3, self.separator() + self.cased(self.pick("a b c rc alpha beta pre preview".split()))
                         + self.separator() + self.pick(["", "0", "1", "2", "10", "01"]))
        out += self.maybe(0.25, self.pick([self.separator() + self.cased(self.pick("post rev r".split())) + self.separator()
                                           + self.pick(["", "0", "1", "2"]), "-" + self.pick(["0", "1", "2", "01"])]))
        return out + self.maybe(0.25, self.separator() + self.cased("dev") + self.separator() + self.pick(["", "0", "3", "03"]))

    def local(self):
        parts = ["1", "01", "10", "9", "abc", "ABC", "a1", "1a", "ubuntu", "99999999999999999999"]
        return "+" + "".join(self.pick(parts) + self.pick(".-_") for _ in range(self.pick([1, 1, 2, 3])))[:-1]

    def version(self):
        text = (self.maybe(0.05, self.pick("vV")) + self.maybe(0.1, self.pick(["0!", "1!", "2025!", "01!"])) + self.release()
                + self.suffix() + self.maybe(0.15, self.local()))
        return self.space(0.03) + self.spoiled(text) + self.space(0.03)

    def near_version(self):
        """Few distinct values, so that comparisons meet at the edges."""
        return (self.pick(["1", "1.0", "1.0.0", "1.1", "1.0.1", "2", "0.9", "1!1.0", "0", "0.0", "1.10"])
                + self.pick(["", "", "", "a1", "a2", "rc1", "b0"]) + self.pick(["", "", "", ".post0", ".post1", ".post2"])
                + self.pick(["", "", "", ".dev0", ".dev1"]) + self.pick(["", "", "", "+1", "+01", "+abc", "+abc.2", "+abc.10"]))

    # Specifiers.

    def clause(self):
        operator = self.pick(OPERATORS)
        version = self.pick([self.near_version, self.near_version, self.version])()
        if operator == "===" and self.random.random() < 0.3:
            version = self.pick(["", "foobar", "1.0-SNAPSHOT", "1.0.*", "V1", "1,0", "lolwat+x"])
        if self.random.random() < 0.8 and operator not in ("==", "!=", "==="):
            version = version.split("+")[0]
        if self.random.random() < (0.3 if operator in ("==", "!=") else 0.03):
            plain = re.match(r"\s*[vV]?(\d+!)?[\d.]*", version, re.ASCII)[0].rstrip(".")
            version = self.pick([plain, plain, plain, version]) + self.pick([".*", ".*", ".*", ".*", "*", ".*.*", ".*+a"])
        return operator + self.maybe(0.2, " ") + self.space(0.02) + version

    def specifier(self):
        clauses = [self.clause() for _ in range(self.pick([0, 1, 1, 1, 2, 2, 3, 6]))]
        text = "".join(clause + self.pick([",", ",", ", ", " , ", ",,", ",\n"]) for clause in clauses)
        text = text.rstrip(", \n") if self.random.random() < 0.9 else text
        return self.space(0.02) + self.spoiled(text) + self.space(0.02)

    # Markers.

    def quoted(self, text):
        quote = self.pick("'\"")
        return quote + text + quote

    def version_literal(self):
        common = ["2.7", "3", "3.8", "3.9", "3.10", "3.12", "3.12.3", "3.13", "3.13.0rc1", "3.10.14", "3.9.21"]
        odd = ["3.*", "3.1*", "3.12.*", "", " 3.9 ", "3.9,3.12", "3.9 3.12", "3.9  3.10", "3.8 | 3.9", "linux", "3.12+local",
               "=3.9", ">=3.9", "v3.12", "3.12.0", "3.13.0", "03.9", "1!3.9", "3.12.3.post1", "3.9-rc1", "7.3.13"]
        return self.pick(odd) if self.random.random() < 0.2 else self.pick(common)

    def text_literal(self):
        return self.pick(["linux", "win32", "posix", "x86_64", "CPython", "linux win32", "x86_64 aarch64", "Linux", "", "arm64",
                          "pypy", "darwin", "nt", "5.10", "6.8.0", "6.8.0-31-generic", "11", "SMP", "a\\tb", "it's", 'say "x"'])

    def marker_clause(self):
        kind = self.pick(["version"] * 8 + ["text"] * 6 + ["extra"] * 3 + ["literals", "variables"])
        compare = [self.pick(OPERATORS[:6])] * 6 + [self.pick(OPERATORS), " in ", " not in ", " not  in ", "\tin\t"]
        operator = self.pick(compare)
        if kind == "version":
            return self.sides(self.pick(VERSION_VARIABLES), operator, self.quoted(self.version_literal()))
        if kind == "text":
            text = self.text_literal()
            quoted = '"' + text + '"' if "'" in text else "'" + text + "'" if '"' in text else self.quoted(text)
            return self.sides(self.pick(TEXT_VARIABLES), self.pick(["==", "!=", " in ", " not in ", operator]), quoted)
        if kind == "extra":
            name = self.pick(["test", "S3", "a_b", "a.b", "LDAP", "a--b", "a-b"] * 3 + ["", "-a", "a b", "a_"])
            return self.sides("extra", self.pick(["==", "==", "==", "!=", "!=", "!=", operator]), self.quoted(name))
        if kind == "literals":
            return self.quoted("a").join(["", operator]) + self.quoted(self.pick(["a", "b", "os_name"]))
        left, right = self.pick(VERSION_VARIABLES + TEXT_VARIABLES), self.pick(VERSION_VARIABLES + TEXT_VARIABLES)
        return left + operator + right

    def sides(self, variable, operator, literal):
        pair = [variable, literal]
        if self.random.random() < 0.2:
            pair.reverse()
        operator = self.blank(0.5) + operator + self.blank(0.5)
        return operator.join(pair)

    def marker(self, depth=0):
        out = []
        for _ in range(self.pick([1, 1, 1, 2, 2, 3, 4])):
            nested = depth < 4 and self.random.random() < 0.2
            out.append(f"({self.blank(.2)}{self.marker(depth + 1)}{self.blank(.2)})" if nested else self.marker_clause())
            out.append(self.pick([" and ", " and ", " or ", "  and\t"]))
        text = "".join(out[:-1])
        if depth == 0 and self.random.random() < 0.0005:
            nesting = self.pick([63, 64, 65, 70])
            text = "(" * nesting + text + ")" * nesting
        return text

    # Names and requirements.

    def name(self):
        make = lambda: "".join(self.pick("abzABZ019") + self.pick(["", "", ".", "-", "_", "--", "-_.", ".."])
                               for _ in range(self.pick([1, 2, 3, 6])))
        fixed = self.pick(["oslo.messaging", "PyMySQL", "a", "a1", "glance_store", "a..b", "0x", "foo--bar", "A-._-B"])
        return self.spoiled(self.pick([fixed, fixed, make().rstrip("-_."), make()]), 0.1)

    def extras(self):
        names = self.pick([["test", "S3", "a_b", "a.b", "A--B"], [self.name()]])
        separator = lambda: self.blank() + self.pick([","] * 12 + [";", " ", ",,"]) + self.blank()
        listed = "".join(self.pick(names) + separator() for _ in range(self.pick([0, 1, 1, 2, 3])))
        return "[" + self.blank() + re.sub(r"[\s,;]*$", "", listed) + self.maybe(0.03, ",") + self.blank() + "]"

    def requirement(self):
        text = self.blank() + self.name() + self.blank()
        if self.random.random() < 0.3:
            text += self.extras() + self.blank()
        if self.random.random() < 0.12:
            url = self.pick(["https://x.org/a.whl", "./x", "git+https://h/r@v1#egg=a", "file:///a;b", "https://x/a b", "", "a"])
            text += "@" + self.blank() + url + self.pick([" ", " ", "", "\t", "\n"])
        else:
            specifier = self.specifier()
            text += f"({specifier})" if self.random.random() < 0.2 else specifier
        text += self.maybe(0.35, self.blank() + ";" + self.blank() + self.marker() + self.blank())
        return self.spoiled(text)

    def row(self, kind):
        if kind == "versions":
            if self.random.random() < 0.0005:
                return {"input": "1." + "7" * self.pick([4300, 4301, 9000])}
            return {"input": self.version()}
        if kind == "names":
            return {"input": self.name()}
        if kind == "compare":
            make = self.pick([self.near_version, self.version])
            return {"a": make(), "b": make()}
        if kind == "specifiers":
            return {"input": self.specifier()}
        if kind == "contains":
            return {"specifier": self.specifier(), "version": self.pick([self.near_version, self.near_version, self.version])()}
        if kind == "requirements":
            return {"input": self.requirement()}
        extra = self.pick([None, None, "test", "s3", "a-b", "ldap"])
        return {"marker": self.blank(.05) + self.spoiled(self.marker(), 0.04) + self.blank(.05),
                "environment": self.pick(list(ENVIRONMENTS)), "extra": extra and canonicalize_name(extra)}
