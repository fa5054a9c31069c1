"""Placeholder until the report lands."""


def write_report(folder: str) -> None:
    """Nothing yet."""


def print_report(folder: str) -> None:
    """Nothing yet."""
