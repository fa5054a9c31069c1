"""Where the documents of a run went, in one line: what is said when a domain has no text."""

from collections.abc import Mapping

from datapipe.accounts import PassAccount
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.packing import GATHER
from datapipe.passes.rounds import rounds_of
from datapipe.recipe import Recipe

Accounts = Mapping[str, PassAccount]


def told(recipe: Recipe, accounts: Accounts) -> str:
    """`of 12 documents read: 3 dropped by rules or of no domain, 9 dropped as duplicates, 0 left`."""
    first = accounts[recipe.passes[0].name]
    passed, held_out = _passed_rules(accounts), _held_out(accounts)
    left = accounts[GATHER].rows_in - held_out
    read = first.rows_in - first.quarantined
    against = dict.fromkeys(folder for one in rounds_of(recipe) for folder in one.against)
    compared = f" (compared with {' and '.join(against)} too)" if against else ""
    parts = [f"{read - passed:,} dropped by rules or of no domain"]
    if rounds_of(recipe):
        parts.append(f"{passed - left - held_out:,} dropped as duplicates{compared}")
    parts += [f"{held_out:,} held out"] if held_out else []
    bad = f"{first.quarantined:,} records are in quarantine; " if first.quarantined else ""
    return f"{bad}of {read:,} documents read: {', '.join(parts)}, {left:,} left"


def all_were_known(recipe: Recipe, accounts: Accounts) -> bool:
    """Whether all that the rules keep are duplicates of documents of earlier runs.

    Of a cluster that is new one document stays; so where none stays, none was new.
    """
    is_compared = any(one.against for one in rounds_of(recipe))
    return is_compared and _passed_rules(accounts) > 0 and accounts[GATHER].rows_in == 0


def _passed_rules(accounts: Accounts) -> int:
    return sum(documents for documents, _ in accounts[DECIDE].units.values())


def _held_out(accounts: Accounts) -> int:
    return sum(documents for documents, _ in accounts[GATHER].held_out.values())
