"""``python -m shimoda``."""

from shimoda.cli import main

main()
