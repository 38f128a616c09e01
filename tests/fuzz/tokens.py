"""Pieces of Markdown, TeX and HTML that renderers read differently where they meet."""

TOKENS = (
    "[a]", "(javascript:x)", "[a](javascript:x)", "![b](http://e/x)", "[r]: javascript:x", "[r]", "[r][r]",
    ": javascript:x", "(", "[", "]", "](", ")", "!", "$", "$$", "\\$", "`", "``", "```", "~~~", "\\", "\\\\", "\n",
    "\n\n", "\n    ", "> ", "- ", "1. ", "    ", "\t", "| a | b |\n|---|---|\n| ", "|", "# ", "===", "---",
    "<a href=javascript:x>", "<", ">", "</", "<script>", "<img src=x>", "&lt;", "&#60;", "&#x6a;avascript:x",
    "&colon;", "&Tab;", "*", "**", "_", "~~", "\\begin{equation}", "\\end{equation}", "\\begin{a}", "\\end{a}",
    "\\(", "\\)", "\\[", "\\]", "\\\\(", "\\\\)", "\\\\[", "\\\\]", "<http://x.y>", "<javascript:x>", "http://x.y",
    "x", "text ", " ", "  \n", "\u2060", "\xa0", "\r", "\x0b", "\x0c", "\u2028", "^", "[^1]", "[^1]: javascript:x",
    "{", "}", "{{", "%", '"', "'", "=", "![a](attachment:a.png)", "(<javascript:x>)", '(javascript:x "t")', "~",
    "@", "mailto:a@b.c", "[x]", "[ ] ", "[a\n]", "[a`]", "`(javascript:x)", "[a$](javascript:x)$", "*[",
    "(data:text/html,x)", "(//e.x/y)", "(\\javascript:x)", "\\href{javascript:x}{y}", "\\text{$", "==", ":::",
    "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>",
)  # fmt: skip
