"""Real Chromium before a server that is really started."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.serving import Server, serving

OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, store: object) -> Iterator[Server]:
    """The service, whose dataset the fixture ``store`` has built."""
    with serving(tmp_path_factory.mktemp("browser")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; its driver's event loop ends with the module, for others run their own."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("Chromium is not installed")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=OPTIONS.split()) as browser,
    ):
        yield browser


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Open]:
    """Open a page; whatever it asks of another host, and whatever its policy stops, fails the test."""
    strayed: list[str] = []
    stopped: list[str] = []
    contexts = []

    def visit(path: str = "/", **options: object) -> Page:
        context = browser.new_context(base_url=server.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        home = urlsplit(server.url).netloc
        page.on(
            "request",
            lambda sent: urlsplit(sent.url).netloc in (home, "") or strayed.append(sent.url),
        )
        page.on("pageerror", lambda error: stopped.append(str(error)))
        page.on(
            "console", lambda said: "Content Security" in said.text and stopped.append(said.text)
        )
        page.goto(path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not strayed, "asked of another host"
    assert not stopped, "stopped in the page"
