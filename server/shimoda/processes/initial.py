"""The dataset that a service starts with."""

from pyoxigraph import Store

from shimoda.settings import Settings


def initial(settings: Settings) -> Store:
    """Return the dataset as it was built, or an empty one if that is what the settings say."""
    if settings.empty:
        return Store()
    from shimoda.dataset.snapshot import load

    return load()
