"""Languages follow from names and extensions, and from hints in the file where several share an extension."""

import time

import pytest

from datapipe.readers.programming_languages import HINT_BYTES, languages, programming_language, table

NEMOTRON = """
Assembly:a.asm C:a.c C#:a.cs Common_Lisp:a.lisp C++:a.cpp CSS:a.css Cuda:a.cu Dart:a.dart Dockerfile:Dockerfile
Fortran:a.f90 Go:a.go Haskell:a.hs HTML:a.html Java:A.java JavaScript:a.js JSON:a.json Julia:a.jl
Jupyter_Notebook:a.ipynb Lua:a.lua Makefile:Makefile Markdown:README.md Mathematica:a.nb Omniverse:a.usda Pascal:a.pas
Perl:a.pm PHP:a.php Python:a.py R:a.R reStructuredText:a.rst Ruby:a.rb Rust:a.rs Scala:a.scala Shell:a.sh Slang:a.slang
SQL:a.sql Swift:a.swift SystemVerilog:a.sv TeX:a.tex TypeScript:a.ts VHDL:a.vhd Visual_Basic:a.vb XML:a.xml YAML:a.yml
"""
CORPUS = "Prolog:a.plt Nim:a.nim MATLAB:a.m CMake:CMakeLists.txt Solidity:A.sol Erlang:a.erl"


def cases(text: str) -> list[tuple[str, str]]:
    pairs = (word.rsplit(":", 1) for word in text.split())
    return [(language.replace("_", " "), path) for language, path in pairs]


@pytest.mark.parametrize(("language", "path"), cases(NEMOTRON + CORPUS))
def test_a_name_tells_the_language(language: str, path: str) -> None:
    assert programming_language(f"some/folder/{path}", b"") == language


def test_the_list_of_the_nemotron_recipe_is_complete() -> None:
    assert len(cases(NEMOTRON)) == 43


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("A.JAVA", "Java"),
        ("x.blade.php", "Blade"),
        ("x.tar.py", "Python"),
        ("CMakeLists.txt", "CMake"),
        ("notes.txt", "Text"),
        ("Dockerfile.production", "Dockerfile"),
        ("Makefile.am", "Makefile"),
        ("dockerfile.md", "Markdown"),
        (".bashrc", "Shell"),
        (".py", None),
        ("python", None),
        ("file.unknown", None),
        ("file.", None),
        ("", None),
    ],
)
def test_names_and_extensions_are_found_in_this_order(path: str, language: str | None) -> None:
    assert programming_language(path, b"") == language


@pytest.mark.parametrize(
    ("line", "language"),
    [
        (b"#!/bin/sh", "Shell"),
        (b"#!/usr/bin/env python3", "Python"),
        (b"#! /usr/bin/perl -w", "Perl"),
        (b"#!/usr/bin/env -S node --harmony", "JavaScript"),
        (b"#!/opt/unknown", None),
        (b"# !/bin/sh", None),
    ],
)
def test_the_first_line_tells_where_the_name_does_not(line: bytes, language: str | None) -> None:
    assert programming_language("bin/tool", line + b"\nx\n") == language


@pytest.mark.parametrize(
    ("extension", "text", "language"),
    [
        (".h", "int add(int a, int b);\n/* class of\n   functions */", "C"),
        (".h", '#ifdef __cplusplus\nextern "C" {\n#endif\n', "C"),
        (".h", "template <typename T> T add(T a, T b);", "C++"),
        (".h", "namespace a {\nint b;\n}", "C++"),
        (".h", "struct A {\n public:\n  int b;\n};", "C++"),
        (".h", "class Table;\n", "C++"),
        (".h", "#include <string_view>\n", "C++"),
        (".h", "#import <Foundation/Foundation.h>\n@interface A : NSObject\n@end", "Objective-C"),
        (".h", "", "C"),
        (".m", '#import "A.h"\n@implementation A\n@end', "Objective-C"),
        (".m", "function y = f(x)\n  % half\n  y = x / 2;\nend", "MATLAB"),
        (".m", "## -*- texinfo -*-\nfunction y = f (x)\nendfunction", "MATLAB"),
        (".m", '(* ::Package:: *)\nBeginPackage["A`"]', "Mathematica"),
        (".m", "", "MATLAB"),
        (".pl", '#!/usr/bin/perl\nuse strict;\nmy $x = shift;\nprint "$x\\n";', "Perl"),
        (".pl", ":- module(lists, [append/3]).\n\nappend([], L, L).", "Prolog"),
        (".pl", "member(X, [X|_]).\nmember(X, [_|T]) :- member(X, T).", "Prolog"),
        (".pl", "greeting --> [hello], name.", "Prolog"),
        (".pl", "index((in), 2, clpfd, clpfd).\nindex((ins), 2, clpfd, clpfd).\n", "Prolog"),
        (".pl", "use strict;\n=pod\n\nprint(this).\n", "Perl"),
        (".pl", "sub a { return 1 }\n1;", "Perl"),
        (".inc", "<?php\nfunction a() {}", "PHP"),
        (".inc", "{$mode objfpc}\nprocedure A;\nbegin\nend;", "Pascal"),
        (".inc", "%macro PUSHALL 0\n  push eax\n%endmacro", "Assembly"),
        (".inc", "#ifndef A_INC\n#define A_INC\n#endif", "C++"),
        (".inc", "CREATE TABLE a (b int);", "SQL"),
        (".inc", "whatever", None),
        (".pro", "QT += core gui\nTARGET = app\n", "QMake"),
        (".pro", "father(X, Y) :- parent(X, Y), male(X).", "Prolog"),
        (".pro", "pro hello, name\n  compile_opt idl2\nend", "IDL"),
        (".pro", "-keep class a.b { *; }", None),
        (".v", "module counter(input clk);\nendmodule", "Verilog"),
        (".v", "Require Import List.\nLemma a : True.\nProof. trivial. Qed.", "Rocq Prover"),
        (".v", "module main\n\nfn main() {\n}", "V"),
        (".ts", "export const a: number = 1;", "TypeScript"),
        (".ts", '<?xml version="1.0"?>\n<!DOCTYPE TS>\n<TS></TS>', "XML"),
        (".cls", "\\NeedsTeXFormat{LaTeX2e}\n\\ProvidesClass{a}", "TeX"),
        (".cls", 'VERSION 1.0 CLASS\nAttribute VB_Name = "A"', "Visual Basic"),
        (".d", "import std.stdio;\nvoid main() {}", "D"),
        (".d", "main.o: main.c main.h", "Makefile"),
        (".fs", "module A\nlet b = 1", "F#"),
        (".fs", "#version 330\nvoid main() {}", "GLSL"),
        (".pp", "unit a;\ninterface\nimplementation\nend.", "Pascal"),
        (".pp", "class ntp { package { 'ntp': } }", "Puppet"),
        (".r", "x <- c(1, 2)", "R"),
    ],
)
def test_hints_tell_shared_extensions_apart(extension: str, text: str, language: str | None) -> None:
    assert programming_language(f"a{extension}", text.encode()) == language


def test_every_shared_extension_has_hints() -> None:
    owners: dict[str, list[str]] = {}
    for row in table("programming_languages.csv"):
        for extension in row["extensions"].split():
            owners.setdefault(extension, []).append(row["language"])
    shared = {extension for extension, of in owners.items() if len(of) > 1}
    hinted = languages().hints
    assert shared <= set(hinted)
    assert {hint.language for hints in hinted.values() for hint in hints} <= {
        row for of in owners.values() for row in of
    }


def test_every_row_of_the_tables_is_whole() -> None:
    for name in ("programming_languages.csv", "programming_language_hints.csv"):
        for row in table(name):
            assert None not in row and None not in row.values()
    names = [row["language"] for row in table("programming_languages.csv")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "unit", [b" ", b"\n", b"\t\n", b"a", b"a ", b"a(", b"(", b"@", b"#", b":", b"a.o ", b"- ", b"<"]
)
def test_hints_take_linear_time_on_hostile_files(unit: bytes) -> None:
    data = (unit * HINT_BYTES)[:HINT_BYTES]
    begin = time.perf_counter()
    for extension in languages().hints:
        programming_language(f"a{extension}", data)
    assert time.perf_counter() - begin < 2
