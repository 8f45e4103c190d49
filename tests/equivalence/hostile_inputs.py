"""Answers made to hang, to exhaust memory, to run code or to crash a verifier; each must end quickly."""

from __future__ import annotations


def _matrix(n: int, symbolic: bool) -> str:
    rows = [
        " & ".join(f"a_{{{i},{j}}}" if symbolic else str((i * 7 + j * 3) % 11) for j in range(n))
        for i in range(n)
    ]
    return "\\begin{vmatrix}" + r" \\ ".join(rows) + "\\end{vmatrix}"


def hostile_inputs() -> list[str]:
    """Return at least sixty hostile answers."""
    deep = 5_000
    return [
        "10^{10^{10}}", "10^{10^{10^{10}}}", "2^{2^{2^{2^{2^{2}}}}}", "9^{9^{9^{9^{9^{9^{9}}}}}}", "9**9**9**9**9**9",
        "((9!)!)!", "(((((3!)!)!)!)!)!", "9!!!!!!!!!", "100000000!", "(10^{9})!", "\\binom{10^9}{5 \\cdot 10^8}",
        "1" * 1_000_000, "0." + "1" * 1_000_000, "1e" + "9" * 4000, "1e999999999", "1e-999999999", "-" * 100_000 + "1",
        "1" + "+1" * 40_000, "2" + "*2" * 40_000, "x" + "^x" * 4_000, "1" + "/2" * 20_000, "x" * 100_000,
        "(" * deep + "1" + ")" * deep, "{" * deep + "1" + "}" * deep, "\\frac{1}{" * deep + "2" + "}" * deep,
        "\\sqrt{" * deep + "2" + "}" * deep, "\\left(" * deep + "x", "[" * deep, "|" * deep, "\\{" * deep + "1",
        "\\sin " * deep + "x", "\\text{" * deep + "a" + "}" * deep, "f(" * deep + "x" + ")" * deep, "2^{" * deep + "1" + "}" * deep,
        _matrix(60, False), _matrix(60, True), _matrix(12, True), _matrix(20, False),
        "\\sum_{k=1}^{10^9} k", "\\sum_{k=1}^{1000000000} \\frac{1}{k^2}", "\\prod_{k=1}^{10^{12}} k",
        "\\sum_{i=1}^{1000} \\sum_{j=1}^{1000} \\sum_{k=1}^{1000} ijk", "\\sum_{n=0}^{\\infty} \\frac{1}{n!}",
        "\\int_0^1 \\int_0^1 \\int_0^1 \\sin(x y z) dx dy dz", "\\int e^{e^{e^x}} dx", "\\lim_{x \\to 0} \\frac{\\sin x}{x}",
        "\\[" + "\\boxed{}. " * 2_000, "\\boxed{}. " * 5_000, "\\boxed{" * deep, "$" * 50_001, "\\(" * 20_000, "\\" * 50_000,
        "\\{" + ",".join(str(k) for k in range(5_000)) + "\\}", "\\{" + ",".join(f"\\sqrt{{{k}}}" for k in range(5_000)) + "\\}",
        ",".join(f"x={k}" for k in range(5_000)), " or ".join(f"x={k}" for k in range(3_000)),
        " \\cup ".join(f"({2 * k},{2 * k + 1})" for k in range(3_000)), "<".join(str(k) for k in range(5_000)),
        "__import__('os').system('touch /tmp/owned')", "eval(compile('1','','eval'))", "open('/etc/passwd').read()",
        "${7*7}", "{{7*7}}", "`id`", "$(id)", "lambda: 0", "exec(chr(112))", "\\input{/etc/passwd}", "\\write18{id}",
        "\x00" * 1000, "\ud800", "\u202e" * 1000 + "1", "é" * 50_000, "𝟙" * 10_000, "½" * 5_000, "²" * 50_000, "√" * 5_000 + "2",
        "\\pm " * 1000 + "1", "+".join("\\pm 1" for _ in range(30)), "a_" * 5_000 + "b", "'" * 5_000, "x" + "'" * 5_000,
        "1,234," * 10_000 + "567", "0.333..." * 1_000, "\\overline{" * 2_000, "e^{" + "x+" * 5_000 + "1}", "\\begin{pmatrix}" * 2_000,
        "\\begin{cases}" + "1 & x>0 \\\\ " * 3_000 + "\\end{cases}", "\\gcd(" + ",".join(str(k) for k in range(1, 4000)) + ")",
        "\\sin(10^{100})", "\\sin(10^{10^{10}})", "\\Gamma(10^{15})", "\\ln(\\ln(\\ln(\\ln(2))))", "e^{e^{e^{e^{e}}}}",
        "(x+y+z+w)^{10000}", "(1+x)^{10^{18}}", "\\sqrt[10000000]{2}", "2^{1/10000000}", "0^0", "\\frac{1}{0}", "\\log_1 5",
        "x^{x^{x^{x^{x^{x}}}}}", "\\tan(\\frac{\\pi}{2})", "i^{i^{i^{i}}}", "\\text{" + "a " * 30_000 + "}", "and " * 20_000, "1 " * 20_000,
    ]  # fmt: skip
