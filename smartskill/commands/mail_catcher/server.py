"""Both sides in one process: SMTP in a thread, the page in the main one, until SIGTERM or SIGINT."""

import logging
import signal
import sys
import threading
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from smartskill.commands.mail_catcher.page import create_page
from smartskill.commands.mail_catcher.smtp import Server

log = logging.getLogger(__name__)


class QuietHandler(WSGIRequestHandler):
    """No line per request: the page is looked at again and again."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


def serve(folder: Path, host: str, smtp_port: int, page_port: int, trusted_hosts: list[str] | None = None) -> None:
    """Catch mail and show it. Raises OSError where a port is taken."""
    page = make_server(host, page_port, create_page(folder, trusted_hosts), threaded=True, request_handler=QuietHandler)
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of every connection
    smtp = Server(folder, host, smtp_port)
    smtp.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=page.shutdown).start())
    log.info("catching mail on %s:%d, to be read at http://%s:%d/", host, smtp_port, host, page_port)
    try:
        page.serve_forever()
    finally:
        smtp.stop()
        page.server_close()


def port_taken(error: OSError, host: str, ports: dict[str, int]) -> str:
    """One sentence for an address that can't be had."""
    named = ", ".join(f"{name} {port}" for name, port in ports.items())
    return f"The mail catcher can't listen on {host} ({named}): {error.strerror or error}."


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
