"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import gc

gc.disable()  # what is imported stays: looking for garbage in it costs a fifth of the start

from smartskill import create_app  # noqa: E402

app = create_app()
gc.enable()
gc.freeze()  # nor is it looked at again, which also keeps forked processes' memory shared
