"""The page side: a list of the caught mails, each to be read safely, and the same as JSON for programs.

A mail is a stranger's HTML. It is shown in a sandboxed frame that runs nothing and loads nothing; its links open in
a new tab. The page answers only to names of this machine, so that no web site can reach it through a name of its own.
"""

import html
import re
from dataclasses import asdict
from email.message import Message
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from smartskill.commands.mail_catcher.mailbox import Attachment, Mailbox, attachments, body, header, headers, parse

PAGE_SIZE, MAX_PAGE_SIZE = 50, 500
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
TRUSTED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def create_page(folder: Path, trusted_hosts: list[str] | None = None) -> Flask:
    """The page's application; `trusted_hosts` are further names it answers to."""
    page = Flask("smartskill.commands.mail_catcher", static_url_path="/static")
    page.config["TRUSTED_HOSTS"] = TRUSTED_HOSTS + (trusted_hosts or [])
    page.extensions["mailbox"] = Mailbox(folder)
    page.add_url_rule("/", view_func=show_list)
    page.add_url_rule("/messages/<name>", view_func=show_message)
    page.add_url_rule("/messages/<name>/html", view_func=show_html)
    page.add_url_rule("/messages/<name>/raw", view_func=download_raw)
    page.add_url_rule("/messages/<name>/parts/<int:number>", view_func=download_part)
    page.add_url_rule("/api/messages", view_func=list_messages)
    page.add_url_rule("/api/messages", view_func=delete_messages, methods=["DELETE"])
    page.add_url_rule("/api/messages/<name>", view_func=get_message)
    page.add_url_rule("/api/messages/<name>/raw", endpoint="api_raw", view_func=download_raw)
    page.after_request(_harden)
    page.register_error_handler(HTTPException, _explain)
    return page


def _mailbox() -> Mailbox:
    found: Mailbox = current_app.extensions["mailbox"]
    return found


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    return response


def _explain(error: HTTPException) -> Any:
    if request.path.startswith("/api/"):
        return jsonify(status=error.code, title=error.name), error.code
    return render_template("message_missing.html", error=error), error.code


def _page_of_list() -> tuple[list[Any], int, int]:
    page = max(request.args.get("page", 1, type=int), 1)
    size = min(max(request.args.get("page_size", PAGE_SIZE, type=int), 1), MAX_PAGE_SIZE)
    found = _mailbox().search(request.args.get("q", ""), request.args.get("to", ""))
    return list(islice(found, (page - 1) * size, page * size + 1)), page, size


def show_list() -> str:
    """The newest mails."""
    found, page, size = _page_of_list()
    return render_template(
        "list.html", mails=found[:size], page=page, has_more=len(found) > size, q=request.args.get("q", ""),
        total=len(_mailbox().names()),
    )  # fmt: skip


def list_messages() -> Response:
    """The same as JSON."""
    found, _, size = _page_of_list()
    return jsonify([asdict(summary) for summary in found[:size]])


def delete_messages() -> Response:
    """Empty the mailbox; browsers ask before another site may do this, and are told nothing."""
    return jsonify(deleted=_mailbox().empty())


def _get_message(name: str) -> Message:
    raw = _mailbox().find_raw(name)
    if raw is None:
        abort(404)
    return parse(raw)


def show_message(name: str) -> str:
    """One mail: text, HTML, headers, attachments."""
    message = _get_message(name)
    return render_template(
        "message.html", mail=_mailbox().find_summary(name), text=body(message, "plain"),
        has_html=body(message, "html") is not None, all_headers=headers(message), attachments=attachments(message),
    )  # fmt: skip


def get_message(name: str) -> Response:
    """One mail as JSON."""
    message = _get_message(name)
    summary = _mailbox().find_summary(name)
    assert summary
    parts = [
        {
            "number": part.number,
            "filename": part.filename,
            "content_type": part.content_type,
            "size_bytes": len(part.content),
        }
        for part in attachments(message)
    ]
    return jsonify(
        asdict(summary) | {
            "date": header(message, "Date"),
            "headers": headers(message),
            "text": body(message, "plain"),
            "html": body(message, "html"),
            "attachments": parts,
        }
    )  # fmt: skip


def show_html(name: str) -> Response:
    """The mail's HTML, for the sandboxed frame."""
    message = _get_message(name)
    content = body(message, "html")
    if content is None:
        abort(404)
    for part in attachments(message):
        if part.content_id:
            content = re.sub(f"cid:{re.escape(html.escape(part.content_id))}", _part_url(name, part), content)
    # A doctype before it, or the browser lays the mail out by the rules of the 1990s
    response = Response('<!doctype html><base target="_blank">' + content, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _part_url(name: str, part: Attachment) -> str:
    return f"/messages/{name}/parts/{part.number}"


def download_raw(name: str) -> Response:
    """The mail as it came."""
    raw = _mailbox().find_raw(name)
    if raw is None:
        abort(404)
    disposition = f"attachment; filename={name}.eml"
    return Response(raw, content_type="message/rfc822", headers={"Content-Disposition": disposition})


def download_part(name: str, number: int) -> Response:
    """An attachment; a picture may be shown within the mail, anything else is only ever saved."""
    part = next((part for part in attachments(_get_message(name)) if part.number == number), None)
    if part is None:
        abort(404)
    if part.content_type in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        # The sandboxed frame that shows it has no origin, so to the browser it is another site.
        return Response(
            part.content, content_type=part.content_type, headers={"Cross-Origin-Resource-Policy": "cross-origin"}
        )
    response = Response(part.content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=part.filename)
    return response
