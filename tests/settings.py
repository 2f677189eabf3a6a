"""The console's settings for tests: a key of their own, nothing written into the repository, demo mode off.

QINGDUN_DATABASE decides the database: SQLite if it is not set, PostgreSQL under `python tests/postgres.py
pytest …`.
"""

import atexit
import os
import shutil
import tempfile

for name in [name for name in os.environ if name.startswith("QINGDUN_") and name != "QINGDUN_DATABASE"]:
    del os.environ[name]
os.environ["QINGDUN_VAR"] = tempfile.mkdtemp(prefix="qingdun-tests-")
atexit.register(shutil.rmtree, os.environ["QINGDUN_VAR"], ignore_errors=True)
os.environ["QINGDUN_SECRET_KEY"] = "only-for-tests-" * 4

from qingdun.console.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Hashing slowly is a virtue outside of tests only.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if "postgresql" not in DATABASES["default"]["ENGINE"]:  # noqa: F405
    # A file as in use: a database in memory locks in other ways and knows no WAL.
    DATABASES["default"]["TEST"] = {"NAME": VAR / "test.sqlite3"}  # noqa: F405
