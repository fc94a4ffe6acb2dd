"""The matrix as a page for people: python -m tenants.permissions > docs/permissions.md. A test compares the two."""

from tenants.access import MATRIX, ROLES, Action, Cell, Role, Scope

_HEAD = """# Who may do what

Written from `tenants/access.py` by `python -m tenants.permissions > docs/permissions.md`; a test compares the two, so
that a change of the matrix is a change of this page and is read by somebody.

A cell says how far a role reaches from the start: **own** (oneself, and what one teaches or wrote), **child** (one's
own children), **class** (the class one leads), **school**; an empty cell is never. A wider reach holds the narrower
ones. `→ class` is the furthest to which a school may widen the cell; a cell without an arrow cannot be widened. A
school may narrow every cell. Whoever has several roles has the widest of their reaches. What is not in this table
cannot be done. The acts that the gate guards (authorise, revoke, confirm, go live) are checked again in the database.
"""


def render() -> str:
    titles = [_title(role) for role in ROLES]
    lines = [_HEAD, _row(["action", *titles]), _row(["---"] * (len(titles) + 1))]
    lines += [_row([f"`{action.value}`", *(_cell(MATRIX[action][role]) for role in ROLES)]) for action in Action]
    return "\n".join(lines) + "\n"


def _title(role: Role) -> str:
    return role.value.replace("_", " ")


def _cell(cell: Cell) -> str:
    shown = [] if cell.scope is Scope.NONE else [cell.scope.name.lower()]
    if cell.ceiling is not cell.scope:
        shown.append(f"→ {cell.ceiling.name.lower()}")
    return " ".join(shown)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print(render(), end="")
