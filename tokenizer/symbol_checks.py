"""Whether the strings that shall always be one token can be: what SentencePiece would refuse late, or never find."""

from datapipe.loading.located_yaml import LocatedYaml, shown
from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import BEGIN, BYTES, END, PADDING, UNKNOWN, control_symbols, user_symbols

SPACE, SPACE_SIGN = " ", "\u2581"
Place = tuple[str | int, ...]


def check_symbols(symbols: Symbols, train: Train, document: LocatedYaml) -> None:
    """Raise RecipeError for the first symbol that cannot be one, or that is given twice."""
    taken = dict.fromkeys((UNKNOWN, PADDING, BEGIN, END), "is a piece of every vocabulary")
    taken |= {f"<0x{byte:02X}>": "is the piece of a byte" for byte in range(BYTES)}
    for index, symbol in enumerate(symbols.user_defined):
        place: Place = ("symbols", "user_defined", index)
        if SPACE in symbol:
            why = "holds a space, and is never found in text; runs of spaces become pieces by themselves"
            raise document.error(place, f"{shown(symbol)} {why}")
        if SPACE_SIGN in symbol:
            raise document.error(place, f"{shown(symbol)} holds U+2581, which stands for a space in every piece")
        _take(symbol, taken, document, place)
    taken |= dict.fromkeys(set(user_symbols(symbols)) - set(symbols.user_defined), "is a digit")
    for index, symbol in enumerate(control_symbols(train)):
        place = ("train", "fim", index) if index < len(train.fim) else ("train", "reserved")
        if not symbol:
            raise document.error(place, "expected text, found ''")
        _take(symbol, taken, document, place)


def _take(symbol: str, taken: dict[str, str], document: LocatedYaml, place: Place) -> None:
    """Note the symbol in `taken`: what each is, should it come again."""
    if symbol in taken:
        raise document.error(place, f"{shown(symbol)} {taken[symbol]}")
    taken[symbol] = "is given twice"
