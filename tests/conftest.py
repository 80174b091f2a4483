"""What many tests share: the built dataset."""

import pytest

from shimoda.dataset import snapshot


@pytest.fixture(scope="session")
def store():
    """The dataset, built from the files if they changed; tests leave it as they found it."""
    return snapshot.load()
