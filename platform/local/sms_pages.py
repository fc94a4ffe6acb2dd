"""What the demo's gateway for text messages shows: the list, a message as a phone has it, a form to answer."""

from collections.abc import Iterable

from local import plain_pages
from local.plain_pages import escaped, page_of, table_of, with_links
from local.sms_box import Message

PAGE_POLICY = plain_pages.PAGE_POLICY.replace("form-action 'none'", "form-action 'self'")


def list_page(messages: Iterable[Message], total: int, troubles: Iterable[tuple[str, str]]) -> str:
    rows = [
        f"<dt>{escaped(message.sender)} to +{escaped(message.number)}, {message.received_at:%Y-%m-%d %H:%M:%S} UTC</dt>"
        f'<dd><a href="/messages/{message.id}">{escaped(message.text)}</a></dd>'
        for message in messages
    ]
    found = f"<dl>{''.join(rows)}</dl>"
    shown = f"<p>{total} in all, the newest {len(rows)} shown. Reload to see more.</p>"
    empty = "<p>Nothing has arrived yet. Whatever the dispatcher sends shows up here; nothing leaves this machine.</p>"
    trying = f"<h2>Numbers that meet trouble</h2><p>By their last digits:</p>{table_of(troubles)}"
    title = "Text messages that arrived"
    return page_of(title, f"<h1>{title}</h1>{shown + found if rows else empty}{trying}")


def message_page(message: Message, reply_number: str) -> str:
    facts = [
        ("Received", f"{message.received_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("From", message.sender),
        ("To", f"+{message.number}"),
    ]
    form = (
        f'<form method="post" action="/messages/{message.id}/reply">'
        f'<p><label for="text">Answer as this phone, to {escaped(reply_number)}</label><br>'
        '<input id="text" name="text" required maxlength="300" autocomplete="off"> <button>Send</button></p></form>'
    )
    parts = [
        '<p><a href="/">All messages</a></p>',
        f"<h1>From {escaped(message.sender)}</h1>",
        table_of(facts),
        f"<pre>{with_links(message.text)}</pre>",
        "<h2>Answer</h2>",
        form,
    ]
    return page_of(f"Message from {message.sender}", "".join(parts))


def replied_page(message: Message, text: str) -> str:
    return page_of(
        "Answer sent",
        f"<h1>Answer sent</h1><p>From +{escaped(message.number)}: “{escaped(text)}”</p>"
        f'<p><a href="/messages/{message.id}">Back to the message</a> · <a href="/">All messages</a></p>',
    )


def missing_page() -> str:
    return page_of("Not found", '<p>No such message. <a href="/">All messages</a></p>')


def listed(message: Message) -> dict[str, object]:
    """One entry of /messages.json."""
    return {
        "id": message.id,
        "received_at": message.received_at.isoformat(),
        "from": message.sender,
        "to": f"+{message.number}",
        "text": message.text,
    }
