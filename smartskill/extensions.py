"""The extensions, made here and bound to an application in `app.py`."""

from flask_caching import Cache
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy

from smartskill.database import Base

# Tables derive from our own `Base`; of Flask-SQLAlchemy we use the engine and the session.
# A session that is given a connection instead of an engine (as tests do) works in savepoints of it.
db = SQLAlchemy(metadata=Base.metadata, session_options={"join_transaction_mode": "create_savepoint"})
jwt = JWTManager()
cache = Cache()
mail = Mail()
limiter = Limiter(key_func=get_remote_address)
