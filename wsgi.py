"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi run`."""

from smartskill import create_app

app = create_app()
