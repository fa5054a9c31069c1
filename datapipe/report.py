"""Placeholder until the report lands."""


def write_report(folder: str) -> None:
    """Nothing yet."""
