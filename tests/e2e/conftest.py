"""One product for the stories that can share it."""

import pytest

from tests.e2e.product import Product


@pytest.fixture(scope="session")
def shared_product(tmp_path_factory):
    """The whole product, without the demo company."""
    running = Product(tmp_path_factory.mktemp("shared") / "instance", "--no-demo")
    running.wait_until_ready()
    yield running
    running.end()
