"""Write the secrets of a compose project once, into one folder per service, so that each sees only its own.

Run by the one-shot service `secrets`; a second run changes nothing. Nothing here has a default: what is missing is made
at random. A real certificate replaces the self-signed one by being put in its place.

Usage: make_secrets.py FOLDER
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

APP_UID = 10001
READABLE = 0o444  # each folder is mounted into its own service alone


def write(path: Path, text: str) -> None:
    """Create the file with this text, unless it is there."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        path.chmod(READABLE)


def write_passwords(folder: Path) -> None:
    """A password per server, and the addresses that hold it for the application."""
    for service in ("postgres", "queue", "cache"):
        write(folder / service / "password", secrets.token_urlsafe(32))
    password = {service: (folder / service / "password").read_text() for service in ("postgres", "queue", "cache")}
    write(folder / "queue" / "valkey.conf", f"requirepass {password['queue']}\n")
    write(folder / "cache" / "valkey.conf", f"requirepass {password['cache']}\n")
    app = folder / "app"
    write(app / "secret_key", secrets.token_hex(32))
    write(app / "jwt_secret_key", secrets.token_hex(32))
    write(app / "database_url", f"postgresql://smartskill:{password['postgres']}@postgres:5432/smartskill")
    write(app / "redis_url", f"redis://:{password['queue']}@queue:6379/0")
    write(app / "cache_url", f"redis://:{password['cache']}@cache:6379/0")


def write_certificate(folder: Path, host: str) -> None:
    """A self-signed certificate for the load balancer, for as long as there is no real one."""
    key, certificate = folder / "tls.key", folder / "tls.crt"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if certificate.exists():
        return
    names = f"subjectAltName=DNS:{host},DNS:localhost,IP:127.0.0.1"
    subject = ["-days", "825", "-subj", f"/CN={host}", "-addext", names]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", "-x509", *kind, *subject, *files], check=True, capture_output=True)
    key.chmod(READABLE)
    certificate.chmod(READABLE)


def main() -> None:
    """Write what is missing and say so."""
    folder = Path(sys.argv[1])
    write_passwords(folder)
    write_certificate(folder / "proxy", os.environ.get("PROXY_HOST") or "localhost")
    print(f"secrets are in {folder}: {', '.join(sorted(path.name for path in folder.iterdir() if path.is_dir()))}")


if __name__ == "__main__":
    main()
