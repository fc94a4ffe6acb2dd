"""The plain pages of the demo's mail and message servers: no script, nothing loaded, only for this machine."""

import html
import re
from collections.abc import Iterable
from string import Template

OWN_HOSTS = {"localhost", "127.0.0.1"}
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"
_LINK = re.compile(r"https?://[^\s<>\"']+")

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>$title</title><style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top }
tr { border-bottom: 1px solid #ddd } td { overflow-wrap: anywhere } th { white-space: nowrap }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f4; padding: 1rem }
iframe { width: 100%; height: 32rem; border: 1px solid #ccc; background: #fff }
dt { font-weight: 600; margin-top: 1rem } dd { margin: 0; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin-top: 2rem } a { color: #0a58ca }
</style></head><body>$body</body></html>""")


def page_of(title: str, body: str) -> str:
    return _PAGE.substitute(title=escaped(title), body=body)


def table_of(rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"<tr><th>{escaped(name)}</th><td>{escaped(value)}</td></tr>" for name, value in rows]
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def with_links(text: str) -> str:
    pieces = []
    end = 0
    for found in _LINK.finditer(text):
        address = escaped(found.group())
        pieces.append(escaped(text[end : found.start()]))
        pieces.append(f'<a href="{address}" rel="noopener noreferrer">{address}</a>')
        end = found.end()
    return "".join(pieces) + escaped(text[end:])


def escaped(text: str) -> str:
    return html.escape(text, quote=True)
