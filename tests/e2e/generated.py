"""A typed client made from the running product's own API description, as somebody who integrates it would make one."""

import importlib
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "smart_skill_client"
METHODS = {"get", "post", "put", "patch", "delete"}


class GeneratedClient:
    """openapi-python-client's output for one server, by operation (`skills.create_skill`) and model (`Skill`)."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder, self.token = url, folder, None
        self.document = json.load(urllib.request.urlopen(f"{url}/api/openapi.json", timeout=30))
        self.output = self._generate()
        sys.path.insert(0, str(folder))
        self.models = importlib.import_module(f"{PACKAGE}.models")
        self._client = importlib.import_module(f"{PACKAGE}.client")

    def _generate(self) -> str:
        """Run the generator, for which a warning is a failure; its formatter lives beside Python."""
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--url", f"{self.url}/api/openapi.json"]
        config = self.folder / "config.yml"
        config.write_text("content_type_overrides:\n  application/pdf: application/octet-stream\n")  # bytes to a client
        output = ["--output-path", str(self.folder / PACKAGE), "--config", str(config)]
        options = ["--meta", "none", "--fail-on-warning", *output]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "NO_COLOR": "1"}
        run = subprocess.run(
            command + options, capture_output=True, text=True, timeout=120, env=environment, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout + run.stderr

    def described_operations(self) -> int:
        """How many operations the document has."""
        return sum(method in METHODS for item in self.document["paths"].values() for method in item)

    def generated_operations(self) -> int:
        """How many the generator made a function for."""
        return sum(path.name != "__init__.py" for path in (self.folder / PACKAGE / "api").glob("*/*.py"))

    def ask(self, operation: str, *path: Any, **given: Any) -> Any:
        """Call an operation, signed in if `token` is set; returns status, headers and the parsed answer."""
        module: ModuleType = importlib.import_module(f"{PACKAGE}.api.{operation}")
        options: dict[str, Any] = {"base_url": self.url, "timeout": 60, "raise_on_unexpected_status": True}
        if self.token:
            client = self._client.AuthenticatedClient(token=self.token, **options)
        else:
            client = self._client.Client(**options)
        with client as opened:
            return module.sync_detailed(*path, client=opened, **given)

    def get(self, operation: str, *path: Any, **given: Any) -> Any:
        """The parsed answer of an operation that succeeds."""
        response = self.ask(operation, *path, **given)
        assert response.status_code == 200, response.parsed
        return response.parsed

    def __getattr__(self, name: str) -> Any:
        return getattr(self.models, name)
